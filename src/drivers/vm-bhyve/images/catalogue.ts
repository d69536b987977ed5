/** Which images guests on vm-bhyve are copied from, and where each comes from. Pure data, and questions about it. */
import type { Machine } from "../../../kinds/kind.ts";
import { findKind } from "../../../kinds/registry.ts";

export type Source =
  /** A file of a folder on the web that lists its checksums beside it; what is unpacked is the image. */
  | { readonly how: "download"; readonly folder: string; readonly file: string; readonly checksums: string }
  /** Made here or on another machine by this command. */
  | { readonly how: "build"; readonly on: "linux" | "freebsd"; readonly command: string }
  /** The user's own file: `lab` neither downloads nor ships it. */
  | { readonly how: "import" };

export interface CatalogueImage {
  readonly name: string;
  /** Whose guests are copies of it; none for a base that another image is made of. */
  readonly kinds: readonly string[];
  readonly summary: string;
  readonly source: Source;
  /** Who can log in before the first boot has made a guest ours. */
  readonly login: { readonly user: string; readonly password?: string };
  /** What makes it ours: a seed that is read by this program, or a visit to the console. */
  readonly firstBoot: "cloud-init" | "nuageinit" | "console";
}

/** The release whose base system is fetched. FRR 10.5 and pkgbase are there from FreeBSD 15 on. */
const freebsdRelease = "15.1-RELEASE";

const cumulus = {
  source: { how: "import" },
  login: { user: "cumulus", password: "cumulus" },
  firstBoot: "console",
} as const;

export const catalogue: readonly CatalogueImage[] = [
  {
    name: "debian-frr",
    kinds: ["debian-frr", "debian-host"],
    summary: "Debian 13 with FRR, ifupdown2, dnsmasq and cloud-init",
    source: {
      how: "build",
      on: "linux",
      command: "lab image build --hypervisor vm-bhyve --kind debian-frr",
    },
    login: { user: "root" },
    firstBoot: "cloud-init",
  },
  {
    name: "freebsd-server",
    kinds: ["freebsd-server"],
    summary: "FreeBSD with FRR, Apache and Node.js",
    source: { how: "build", on: "freebsd", command: "lab image build --kind freebsd-server" },
    login: { user: "root" },
    firstBoot: "nuageinit",
  },
  {
    name: "freebsd-base",
    kinds: [],
    summary: "FreeBSD as released, without FRR: npm run freebsd-image -- --from makes a server of it",
    source: {
      how: "download",
      folder: `https://download.freebsd.org/releases/VM-IMAGES/${freebsdRelease}/amd64/Latest/`,
      file: `FreeBSD-${freebsdRelease}-amd64-BASIC-CLOUDINIT-ufs.raw.xz`,
      checksums: "CHECKSUM.SHA512",
    },
    login: { user: "freebsd", password: "freebsd" },
    firstBoot: "nuageinit",
  },
  { name: "cumulus-vx", kinds: ["cumulus-vx"], summary: "Cumulus VX up to 4.4, your own file", ...cumulus },
  { name: "cumulus-vx5", kinds: ["cumulus-vx5"], summary: "Cumulus VX 5, your own file", ...cumulus },
];

/** What an image may be called on the command line: by its name, or by a kind. */
export const imageWords: readonly string[] = [...new Set(catalogue.flatMap(({ name, kinds }) => [name, ...kinds]))];

/** The image that guests of a kind are copied from, or that has this name itself. */
export function findImage(nameOrKind: string): CatalogueImage | undefined {
  return catalogue.find(({ name }) => name === nameOrKind) ?? catalogue.find(({ kinds }) => kinds.includes(nameOrKind));
}

/** The images of these kinds, each once. */
export function imagesOf(kinds: readonly string[]): readonly CatalogueImage[] {
  return catalogue.filter((image) => image.kinds.some((kind) => kinds.includes(kind)));
}

/** The machines that are started from it. */
export function machinesFrom({ kinds }: CatalogueImage): readonly Machine[] {
  return kinds.flatMap((kind) => findKind(kind)?.machine ?? []);
}

/** Its name in the directory that vm-bhyve keeps images in. */
export function fileOf(image: Pick<CatalogueImage, "name">): string {
  return `lab-${image.name}.raw`;
}

const places = { linux: "on Debian or Ubuntu", freebsd: "on FreeBSD, as root" };

/** What a person runs to have it where this machine is one of `platform` (Node's names), in order. */
export function waysTo({ name, source }: CatalogueImage, platform: string): readonly string[] {
  const take = (file: string) => `lab image import ${file} --kind ${name}`;
  switch (source.how) {
    case "download":
      return [`lab image build --hypervisor vm-bhyve --kind ${name}`];
    case "import":
      return [take("FILE")];
    default:
      if (source.on === platform) return [source.command];
      return [`${places[source.on]}: ${source.command}`, `here: ${take(`${name}.raw`)}`];
  }
}

/** Its record beside that, once lab has put it there: an image without one is somebody's own. */
export function recordFileOf(image: Pick<CatalogueImage, "name">): string {
  return `lab-${image.name}.json`;
}
