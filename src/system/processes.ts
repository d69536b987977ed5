/**
 * Processes of this machine, found by a mark in their arguments rather than by a pid from a file: a pid may have been
 * given to somebody else since, a mark may not. Reads /proc; without one, only a pid's existence is known.
 */
import { readFileSync, readdirSync } from "node:fs";

export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot (proc_pid_stat(5), field 22): with the pid it names one process for ever. */
  readonly startTime: string;
}

/** The process with this pid now, or undefined if there is none. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readProc(`${pid}/stat`);
  if (stat === undefined) return hasProc() ? undefined : identifyBySignal(pid);
  // The command name in field 2 may hold spaces and parentheses; fields are counted after its last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const startTime = fields[19];
  return startTime === undefined || fields[0] === "Z" ? undefined : { pid, startTime };
}

/** Whether exactly that process still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startTime === identity.startTime;
}

/** Pids of all processes one of whose arguments is exactly `mark`. */
export function findByArgument(mark: string): number[] {
  return allPids().filter((pid) => readProc(`${pid}/cmdline`)?.split("\0").includes(mark) === true);
}

/** The children of a process. */
export function childrenOf(pid: number): number[] {
  const listed = readProc(`${pid}/task/${pid}/children`);
  if (listed !== undefined) return listed.trim().split(" ").filter(Boolean).map(Number);
  return allPids().filter((child) => parentOf(child) === pid);
}

/** SIGKILL; a process that is already gone is fine. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

function hasProc(): boolean {
  return readProc("self/stat") !== undefined;
}

function identifyBySignal(pid: number): ProcessIdentity | undefined {
  try {
    process.kill(pid, 0);
    return { pid, startTime: "unknown" };
  } catch (error) {
    // EPERM: it is there, but somebody else's.
    return error instanceof Error && "code" in error && error.code === "EPERM"
      ? { pid, startTime: "unknown" }
      : undefined;
  }
}

function parentOf(pid: number): number | undefined {
  const stat = readProc(`${pid}/stat`);
  const parent = stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
  return parent === undefined ? undefined : Number(parent);
}

function allPids(): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Processes come and go while we look: whatever cannot be read is not there. */
function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return undefined;
  }
}
