/** Checksums: of files too large for memory, and of all that an image is made of. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { withPath } from "../../../system/trouble.ts";

/** Told what share of the work is done, from 0 to 1. */
export type OnFraction = (fraction: number) => void;

/** The checksum as hexadecimal digits. Errors of the file system pass through; an abort ends it with an AbortError. */
export async function digestFile(
  path: string,
  algorithm: "sha256" | "sha512",
  { signal, onFraction }: { readonly signal?: AbortSignal | undefined; readonly onFraction?: OnFraction } = {},
): Promise<string> {
  const { size } = await stat(path);
  const hash = createHash(algorithm);
  let done = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      done += chunk.length;
      onFraction?.(size === 0 ? 1 : done / size);
    }
  } catch (error) {
    throw withPath(error, path);
  }
  return hash.digest("hex");
}

/** What an image that is built here says of its source: another builder or another file in the folders is another source. */
export async function sourceOf(
  image: string,
  builderVersion: number,
  assets: string,
  folders: readonly string[],
): Promise<string> {
  const hash = createHash("sha256").update(String(builderVersion));
  for (const folder of folders) {
    const entries = await readdir(join(assets, folder), { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    for (const path of paths.toSorted()) hash.update(`${relative(assets, path)}\n`).update(await readFile(path));
  }
  return `built, ${image}-${hash.digest("hex").slice(0, 12)}`;
}
