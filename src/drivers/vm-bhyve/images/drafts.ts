/** Names of files that are not whole yet. They tell whose they are, so that what a killed run has left can be removed. */
import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { removeTree } from "../../../system/files.ts";
import { identify, isAlive } from "../../../system/processes.ts";

/** A name of this run's own beside a path. */
export function draftOf(path: string): string {
  const startTime = identify(process.pid)?.startTime ?? "0";
  return `${path}.${process.pid}.${startTime}.${randomUUID().slice(0, 8)}.draft`;
}

/** How a file or a tree is removed. */
export type Remove = (path: string) => Promise<void>;

/**
 * Removes drafts of a path, and what was made of them, whose runs are gone. One that resists stays: it is in nobody's way, and
 * may be a tree whose files belong to mapped ids, which only its builder can remove.
 */
export async function removeDeadDrafts(path: string, remove: Remove = removeTree): Promise<void> {
  const beginning = `${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    const [, pid, startTime = ""] = /\.(\d+)\.([^.]+)\.[0-9a-f]{8}\.draft(?:\.xz|\.part)?$/.exec(name) ?? [];
    if (!name.startsWith(beginning) || pid === undefined || isAlive({ pid: Number(pid), startTime })) continue;
    await remove(join(dirname(path), name)).catch(() => {});
  }
}
