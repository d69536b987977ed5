/** Checksums of files too large for memory. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
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
