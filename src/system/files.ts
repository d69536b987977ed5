/** Files on this machine: read, replace atomically, append durably. Errors of the file system pass through. */
import { randomUUID } from "node:crypto";
import { appendFileSync, closeSync, fstatSync, fsyncSync, openSync, readSync } from "node:fs";
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

/**
 * Writes to a temporary name of its own, syncs and renames, so that a reader or a crash sees the old file or the new one,
 * and two writers at once do not mix. Directories that are missing are made, for their owner only.
 */
export async function replaceFile(path: string, text: string | Uint8Array, mode = 0o644): Promise<void> {
  const temporary = `${path}.${randomUUID()}.new`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    const file = await open(temporary, "wx", mode);
    try {
      await file.writeFile(text);
      // Whatever the umask took away.
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Appends a line and syncs it before returning: what a journal needs before the act that it announces. A line that a crash
 * cut short is ended first.
 */
export function appendLine(path: string, line: string): void {
  const file = openSync(path, "a+", 0o600);
  try {
    const last = Buffer.alloc(1, "\n");
    const { size } = fstatSync(file);
    if (size > 0) readSync(file, last, 0, 1, size - 1);
    appendFileSync(file, `${last.toString() === "\n" ? "" : "\n"}${line}\n`);
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
