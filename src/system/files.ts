/** Files on this machine: read, replace atomically, append durably. Errors of the file system pass through, with a path. */
import { randomUUID } from "node:crypto";
import { appendFileSync, closeSync, fstatSync, fsyncSync, openSync, readSync } from "node:fs";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { withPath } from "./trouble.ts";

/** The text of a file, or `fallback` if there is none. */
export async function readTextOr<T>(path: string, fallback: T): Promise<string | T> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return fallback;
    throw withPath(error, path);
  }
}

/**
 * Writes to a temporary name of its own, syncs and renames, so that a reader or a crash sees the old file or the new one,
 * and two writers at once do not mix. Directories that are missing are made, for their owner only.
 */
export async function replaceFile(path: string, text: string | Uint8Array, mode = 0o644): Promise<void> {
  const temporary = `${path}.${randomUUID()}.new`;
  await makeDirectory(dirname(path));
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
    throw withPath(error, path);
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
  } catch (error) {
    throw withPath(error, path);
  } finally {
    closeSync(file);
  }
}

/**
 * Makes a directory and those above it that are missing. Node 20's own recursive mkdir goes round for ever where a directory
 * is there but takes no entries, as /proc.
 */
export async function makeDirectory(path: string, mode = 0o700): Promise<void> {
  if (await makeOne(path, mode)) return;
  await makeDirectory(dirname(path), mode);
  if (!(await makeOne(path, mode))) await mkdir(path, { mode });
}

/** False where what is above it is missing. */
async function makeOne(path: string, mode: number): Promise<boolean> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    if (isMissing(error)) return dirname(path) === path;
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    if (!(await stat(path)).isDirectory()) throw error;
  }
  return true;
}

export async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

/** Whether a file-system error says that the file is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
