/** What there is of each image: in the cache of this machine, and on the hypervisor as a file or as a snapshot. */
import type { Plan } from "../../../plan/model.ts";
import type { HostFinding } from "../../driver.ts";
import type { VmHost } from "../host.ts";
import { images as directory } from "../place.ts";
import { type CachedImage, type ImageCache, type ImageRecord, parseRecord } from "./cache.ts";
import { catalogue, type CatalogueImage, fileOf, imagesOf, recordFileOf, waysTo } from "./catalogue.ts";
import { type Frozen, listFrozen } from "./frozen.ts";

export interface ImageSeen {
  readonly image: CatalogueImage;
  readonly cached: CachedImage | undefined;
  /** Whether it is a file in the directory that `vm` keeps images in. */
  readonly isFile: boolean;
  /** What lab has put there; a file without it is somebody's own. */
  readonly record: ImageRecord | undefined;
  /** Its versions as snapshots, where `vm` has ZFS. */
  readonly frozen: readonly Frozen[];
}

export const pathOf = (image: CatalogueImage) => `${directory}/${fileOf(image)}`;
export const recordPathOf = (image: CatalogueImage) => `${directory}/${recordFileOf(image)}`;

/** The images that the guests of a plan are made of. */
export function imagesFor({ nodes }: Plan): readonly CatalogueImage[] {
  return imagesOf(nodes.map(({ kind }) => kind));
}

/** Nothing is there where no hypervisor is known. */
export async function lookAtImages(
  host: VmHost | undefined,
  images: readonly CatalogueImage[],
  cache: ImageCache | undefined,
): Promise<readonly ImageSeen[]> {
  const frozen = host === undefined ? [] : await listFrozen(host);
  return Promise.all(
    images.map(async (image) => ({
      image,
      cached: await cache?.find(image.name),
      isFile: (await host?.exists(pathOf(image))) === true,
      record: parseRecord((await host?.read(recordPathOf(image))) ?? ""),
      frozen: frozen.filter((version) => version.image === image.name),
    })),
  );
}

/** The version that disks are cloned from now. */
export function currentOf({ frozen }: Pick<ImageSeen, "frozen">): Frozen | undefined {
  return frozen.find(({ isCurrent }) => isCurrent);
}

/** Whether it is a file that disks are copied from, also where there is ZFS: somebody's own, or all that there is. */
export function isCopied(seen: ImageSeen): boolean {
  const { isFile, record, cached } = seen;
  return isFile && (record === undefined || (cached === undefined && currentOf(seen) === undefined));
}

/** Names of images that disks are cloned from rather than copied. None without ZFS. */
export async function clonedImages(host: VmHost, cache: ImageCache | undefined): Promise<readonly string[]> {
  if (host.dataset === undefined) return [];
  const wanted = catalogue.filter(({ kinds }) => kinds.length > 0);
  const seen = await lookAtImages(host, wanted, cache);
  return seen.filter((one) => !isCopied(one)).map(({ image }) => image.name);
}

/** One finding for each image that is neither on the hypervisor nor in the cache, with what makes it. */
export function judgeImages(host: VmHost, seen: readonly ImageSeen[]): readonly HostFinding[] {
  const missing = seen.filter(isNowhere);
  if (missing.length === 0) return [{ what: "images of guests", status: "good" }];
  return missing.map(({ image }) => ({
    what: `image ${image.name}`,
    status: "missing",
    consequence: `there is no ${host.resolve(pathOf(image))}, which guests of ${image.kinds.join(" and ")} are copied from`,
    fix: waysTo(image, process.platform).join("; "),
  }));
}

export function isNowhere(seen: ImageSeen): boolean {
  return !seen.isFile && seen.cached === undefined && currentOf(seen) === undefined;
}
