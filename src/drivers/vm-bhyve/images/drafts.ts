/** Names of files that are not whole yet. They tell whose they are, so that what a killed run has left can be removed. */
import { randomUUID } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { identify, isAlive } from "../../../system/processes.ts";

/** A name of this run's own beside a path. */
export function draftOf(path: string): string {
  const startTime = identify(process.pid)?.startTime ?? "0";
  return `${path}.${process.pid}.${startTime}.${randomUUID().slice(0, 8)}.draft`;
}

/** Removes drafts of a path, and what was made of them, whose runs are gone. */
export async function removeDeadDrafts(path: string): Promise<void> {
  const beginning = `${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    const [, pid, startTime = ""] = /\.(\d+)\.([^.]+)\.[0-9a-f]{8}\.draft(?:\.xz)?$/.exec(name) ?? [];
    if (!name.startsWith(beginning) || pid === undefined || isAlive({ pid: Number(pid), startTime })) continue;
    await rm(join(dirname(path), name), { recursive: true, force: true });
  }
}
