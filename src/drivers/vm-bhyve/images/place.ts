/** Images from the cache of this machine to the hypervisor's own directory, where guests are copied from. */
import type { Plan } from "../../../plan/model.ts";
import type { HostFinding } from "../../driver.ts";
import type { VmHost } from "../host.ts";
import { images as directory } from "../place.ts";
import { type CachedImage, type ImageCache, parseRecord } from "./cache.ts";
import { type CatalogueImage, fileOf, imagesOf, recordFileOf, waysTo } from "./catalogue.ts";
import type { OnProgress } from "./import.ts";

/** The images that the guests of a plan are copied from. */
function imagesFor({ nodes }: Plan): readonly CatalogueImage[] {
  return imagesOf(nodes.map(({ kind }) => kind));
}

const pathOf = (image: CatalogueImage) => `${directory}/${fileOf(image)}`;
const recordOf = (image: CatalogueImage) => `${directory}/${recordFileOf(image)}`;

/** One finding for each image that is neither on the hypervisor nor in the cache, with what makes it. */
export async function probeImages(host: VmHost, plan: Plan, cache?: ImageCache): Promise<readonly HostFinding[]> {
  const wanted = imagesFor(plan);
  const there = await Promise.all(
    wanted.map(async (image) => (await host.exists(pathOf(image))) || (await cache?.find(image.name)) !== undefined),
  );
  const missing = wanted.filter((_, index) => there[index] !== true);
  if (missing.length === 0) return [{ what: "images of guests", status: "good" }];
  return missing.map((image) => ({
    what: `image ${image.name}`,
    status: "missing",
    consequence: `there is no ${host.resolve(pathOf(image))}, which guests of ${image.kinds.join(" and ")} are copied from`,
    fix: waysTo(image, process.platform).join("; "),
  }));
}

/**
 * Puts there what the cache has and the hypervisor lacks, and what was made anew since: guests have copies of their own, so
 * an image may be replaced under them. What somebody else has put there stays.
 */
export async function placeImages(host: VmHost, plan: Plan, cache: ImageCache, onProgress: OnProgress): Promise<void> {
  for (const image of imagesFor(plan)) {
    const cached = await cache.find(image.name);
    if (cached !== undefined) await placeImage(host, image, cached, onProgress);
  }
}

async function placeImage(
  host: VmHost,
  image: CatalogueImage,
  cached: CachedImage,
  onProgress: OnProgress,
): Promise<void> {
  const [path, record] = [pathOf(image), recordOf(image)];
  const isThere = await host.exists(path);
  const known = parseRecord((await host.read(record)) ?? "");
  if (isThere && (known === undefined || known.sha256 === cached.record.sha256)) return;
  const doing = `putting ${image.name} on the hypervisor`;
  onProgress(0, doing);
  // Whatever comes in between, no image is there without a record, nor under that of a later one.
  if (!isThere) await host.put(cached.recordPath, record);
  await host.put(cached.path, path, (fraction) => onProgress(fraction * 100, doing));
  if (isThere) await host.put(cached.recordPath, record);
}
