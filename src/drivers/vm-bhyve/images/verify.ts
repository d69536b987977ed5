/** Whether images in the cache are still what their records say. */
import type { ImageCache } from "./cache.ts";
import type { CatalogueImage } from "./catalogue.ts";
import { digestFile } from "./digest.ts";
import type { OnProgress } from "./import.ts";

export interface ImageVerdict {
  readonly image: string;
  readonly status: "good" | "changed" | "absent";
  readonly path?: string;
  readonly sha256?: string;
  /** The checksum that it has instead. */
  readonly found?: string;
}

/** Reads each image that is there; those that are not are no failure. */
export async function verifyImages(
  images: readonly CatalogueImage[],
  cache: ImageCache,
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<readonly ImageVerdict[]> {
  const verdicts: ImageVerdict[] = [];
  for (const [index, { name }] of images.entries()) {
    const cached = await cache.find(name);
    if (cached === undefined) {
      verdicts.push({ image: name, status: "absent" });
      continue;
    }
    const { path, record } = cached;
    let shown = -1;
    const onFraction = (share: number) => {
      const percent = Math.floor(((index + share) / images.length) * 100);
      if (percent > shown) onProgress(percent, `reading ${name}`);
      shown = Math.max(shown, percent);
    };
    const found = await digestFile(path, "sha256", { signal, onFraction });
    const [status, more] = found === record.sha256 ? (["good", {}] as const) : (["changed", { found }] as const);
    verdicts.push({ image: name, status, path, sha256: record.sha256, ...more });
  }
  return verdicts;
}
