import type { ImageCache } from "../../src/drivers/vm-bhyve/images/cache.ts";

const refuse = () => Promise.reject(new Error("a cache that is only looked at"));

/** A cache that has these images, as if it had just been filled; nothing can be put into it. */
export function filledCache(...images: readonly string[]): ImageCache {
  const directory = "/root/.cache/lab/vm-bhyve";
  return {
    directory,
    draft: refuse,
    publish: refuse,
    find(image) {
      if (!images.includes(image)) return Promise.resolve(undefined);
      const record = { image, sha256: "ab".repeat(32), size: 1, made: "2026-01-01", source: "a test", efi: true };
      return Promise.resolve({
        path: `${directory}/${image}.raw`,
        recordPath: `${directory}/${image}.json`,
        record,
      });
    },
  };
}
