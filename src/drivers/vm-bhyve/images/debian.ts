/**
 * The image of Debian guests: packages unpacked like those of netns, then a disk that UEFI starts, written without mounts or
 * loop devices, so that an ordinary user can make it. On Linux only: FreeBSD has no mmdebstrap.
 */
import { mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { HostError, LabError } from "../../../errors.ts";
import type { Argv } from "../../../kinds/kind.ts";
import { makeDirectory, readTextOr } from "../../../system/files.ts";
import { buildingAlone } from "../../netns/build-lock.ts";
import { removeImage } from "../../netns/image.ts";
import { asOwner, type ImageOptions, parseRecipe } from "../../netns/recipe.ts";
import { fillDraft } from "../../netns/unpack.ts";
import type { CachedImage, ImageCache } from "./cache.ts";
import { diskActs, type DiskFiles } from "./debian-disk.ts";
import { sourceOf } from "./digest.ts";
import { inWholePercents, type OnProgress } from "./progress.ts";

export interface DebianOptions extends ImageOptions {
  readonly images: ImageCache;
  /** The folder `images` of the program. */
  readonly assets: string;
  /** Tests need not read so much of nothing. */
  readonly diskBytes?: number;
}

const name = "debian-frr";
/** Changing how a disk is made makes a new image, like changing what is in it. */
const builderVersion = 1;
const usualBytes = 2 * 1024 ** 3;

/** Builds unless the cache has what would come of it. Package versions are those of the day, and are recorded. */
export async function buildDebian(options: DebianOptions, onProgress: OnProgress): Promise<CachedImage> {
  const source = await sourceOf(name, builderVersion, options.assets, [name, "embedded/overlay/usr/libexec"]);
  const isThere = async () => {
    const cached = await options.images.find(name);
    return cached?.record.source === source ? cached : undefined;
  };
  const there = await isThere();
  if (there !== undefined) return there;
  await checkTools(options);
  const sayFor = (whom: string) => onProgress(0, `waiting for ${whom}, which builds in ${options.cache}`);
  return buildingAlone(options, sayFor, async (marked) => {
    return (await isThere()) ?? build({ ...options, ...marked }, source, onProgress);
  });
}

async function build(options: DebianOptions, source: string, onProgress: OnProgress): Promise<CachedImage> {
  const { assets, exec, images, signal } = options;
  const draft = await images.draft(name, (path) => removeImage(path, options));
  const advance = inWholePercents(onProgress);
  try {
    await makeDirectory(draft, 0o755);
    const recipe = parseRecipe(await readFile(join(assets, name, "recipe.json"), "utf8"));
    await fillDraft(recipe, options, draft, (percent, doing) => advance(percent * 0.85, doing));
    const disk = join(draft, "disk.raw");
    await makeEmpty(disk, options.diskBytes ?? usualBytes);
    const files = await filesOf(draft, assets);
    for (const [index, { does, argv, input }] of diskActs(disk, files).entries()) {
      advance(80 + index, does);
      await exec.run(asOwner(options, argv), { signal, timeoutMs: 600_000, ...(input !== undefined && { input }) });
    }
    const packages = (await readTextOr(join(draft, "lock.txt"), "")).trim().split("\n");
    const onFraction = (share: number) => advance(96 + share * 3, "taking its checksum");
    const made = await images.publish(name, disk, { source, efi: true, packages }, { signal, onFraction });
    advance(100, "built");
    return made;
  } finally {
    await removeImage(draft, options);
    await rm(draft, { recursive: true, force: true });
  }
}

/** Sparse. */
async function makeEmpty(disk: string, size: number): Promise<void> {
  const file = await open(disk, "wx", 0o644);
  await file.truncate(size).finally(() => file.close());
}

async function filesOf(draft: string, assets: string): Promise<DiskFiles> {
  const root = join(draft, "root");
  const boot = join(root, "boot");
  await mkdir(boot, { recursive: true });
  const entries = await readdir(boot);
  const only = (beginning: string): string => {
    const [found, ...others] = entries.filter((entry) => entry.startsWith(beginning));
    if (found !== undefined && others.length === 0) return join(boot, found);
    const message = `the packages of ${name} brought ${others.length === 0 ? "no" : "more than one"} ${beginning}*`;
    throw new LabError({ code: "E_KERNEL", message, hint: `see images/${name}/recipe.json` });
  };
  return {
    root,
    overlays: [join(assets, name, "overlay"), join(assets, "embedded", "overlay")] as const,
    esp: join(assets, name, "esp"),
    kernel: only("vmlinuz-"),
    initrd: only("initrd.img-"),
  };
}

const tools: readonly (readonly [argv: Argv, debian: string])[] = [
  [["mmdebstrap", "--version"], "mmdebstrap"],
  [["/usr/sbin/sfdisk", "--version"], "fdisk"],
  [["/usr/sbin/mke2fs", "-V"], "e2fsprogs"],
  [["mcopy", "--version"], "mtools"],
];

/** All that are missing at once. */
async function checkTools({ exec, unprivileged }: DebianOptions): Promise<void> {
  const wanted = unprivileged ? [...tools, [["newuidmap"], "uidmap"] as const] : tools;
  const there = await Promise.all(wanted.map(([argv]) => exec.try(argv, { timeoutMs: 10_000 })));
  const missing = wanted.filter((_, index) => there[index]?.exitCode === undefined).map(([, debian]) => debian);
  if (missing.length === 0) return;
  throw new HostError({
    code: "E_IMAGE_TOOLS",
    message: `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} needed to build ${name}`,
    hint: `apt-get install ${missing.join(" ")}; where there is no apt: build on Debian or Ubuntu, then lab image import FILE --kind ${name}`,
  });
}
