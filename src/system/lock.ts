/** A lock file that says who holds it. A lock whose holder is dead is taken over. */
import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { randomUUID } from "node:crypto";
import { isMissing } from "./files.ts";
import { identify, isAlive, type ProcessIdentity } from "./processes.ts";

export interface Holder extends ProcessIdentity {
  /** What the holder is doing, e.g. `lab up`. */
  readonly doing: string;
  /** ISO 8601. */
  readonly since: string;
}

export type LockResult = { readonly taken: true; release(): void } | { readonly taken: false; readonly holder: Holder };

/** Takes the lock or tells who has it; never waits. `since` is handed in by the caller's clock. */
export function takeLock(path: string, doing: string, since: string): LockResult {
  const self = identify(process.pid) ?? { pid: process.pid, startTime: "unknown" };
  const mine: Holder = { ...self, doing, since };
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    for (;;) {
      if (linkNew(draft, path)) {
        removeDrafts(path);
        return { taken: true, release: () => release(path, mine) };
      }
      const holder = readHolder(path);
      if (holder !== undefined && isAlive(holder)) return { taken: false, holder };
      removeDead(path, doing, since);
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Drafts of runs that were killed before they could remove them. One that is just being written belongs to the living. */
function removeDrafts(path: string): void {
  for (const name of readdirSync(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.`) || !draftPattern.test(name)) continue;
    const draft = join(dirname(path), name);
    const holder = readHolder(draft);
    if (holder !== undefined && !isAlive(holder)) rmSync(draft, { force: true });
  }
}

/** Ends in a UUID. */
const draftPattern = /\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function linkNew(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/**
 * Removing a dead lock needs a lock of its own: between our look and the removal another run may have done the same and
 * taken the lock, and then we would remove a living one. A run that died in here leaves that lock to be taken over alike.
 */
function removeDead(path: string, doing: string, since: string): void {
  const right = takeLock(`${path}.takeover`, doing, since);
  // Somebody else is at it, for a moment: the caller looks again.
  if (!right.taken) return;
  try {
    // Only what is there and dead: where nothing is, a run may take the lock before we would have removed it.
    // One read decides; a dead lock can then be removed by nobody else, so it is still the one that was read.
    const text = readLock(path);
    if (text === undefined) return;
    const holder = parseHolder(text);
    if (holder === undefined || !isAlive(holder)) rmSync(path, { force: true });
  } finally {
    right.release();
  }
}

function release(path: string, mine: Holder): void {
  const holder = readHolder(path);
  if (holder?.pid === mine.pid && holder.startTime === mine.startTime) rmSync(path, { force: true });
}

/** The text of a lock; undefined where there is none. */
function readLock(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function readHolder(path: string): Holder | undefined {
  const text = readLock(path);
  return text === undefined ? undefined : parseHolder(text);
}

/** Undefined for a file that holds something else. */
function parseHolder(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isHolder(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isHolder(value: unknown): value is Holder {
  return (
    typeof value === "object" &&
    value !== null &&
    "pid" in value &&
    "startTime" in value &&
    "doing" in value &&
    "since" in value
  );
}
