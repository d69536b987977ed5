/** Files on this machine: read, replace atomically, append durably. Errors of the file system pass through. */
import { appendFileSync, closeSync, fsyncSync, openSync } from "node:fs";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** The text of a file, or `fallback` if there is none. */
export async function readTextOr<T>(path: string, fallback: T): Promise<string | T> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return fallback;
    throw error;
  }
}

/** Writes to a temporary name, syncs and renames, so that a reader or a crash sees the old file or the new one. */
export async function replaceFile(path: string, text: string | Uint8Array, mode = 0o644): Promise<void> {
  const temporary = `${path}.new`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(temporary, "w", mode);
  try {
    await file.writeFile(text);
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

/** Appends a line and syncs it before returning: what a journal needs before the act that it announces. */
export function appendLine(path: string, line: string): void {
  const file = openSync(path, "a", 0o600);
  try {
    appendFileSync(file, `${line}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

export async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

/** Whether a file-system error says that the file is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
