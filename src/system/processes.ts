/**
 * Processes of this machine, found by their arguments rather than by a pid from a file: a pid may have been given to
 * somebody else since. Reads /proc; without one, as on FreeBSD, ps(1) is asked. Arguments and children are the sandbox's
 * concern alone, which is made on Linux only.
 */
import { readFileSync, readdirSync } from "node:fs";
import { pidsWith, startOf } from "./ps.ts";

export interface ProcessIdentity {
  readonly pid: number;
  /** In clock ticks since boot (proc_pid_stat(5), field 22), or as ps(1) says it: with the pid it names one process for ever. */
  readonly startTime: string;
}

/** The process with this pid now, or undefined if there is none. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readProc(`${pid}/stat`);
  if (stat === undefined) return hasProc() ? undefined : identifyByPs(pid);
  // The command name in field 2 may hold spaces and parentheses; fields are counted after its last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const startTime = fields[19];
  return startTime === undefined || fields[0] === "Z" ? undefined : { pid, startTime };
}

/** Whether exactly that process still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startTime === identity.startTime;
}

/** A running process as others see it. */
export interface Process extends ProcessIdentity {
  /** Real user id. */
  readonly user: number;
  readonly argv: readonly string[];
}

/** All processes whose arguments satisfy `isWanted`, whoever owns them. */
export function findProcesses(isWanted: (argv: readonly string[]) => boolean): Process[] {
  return allPids().flatMap((pid) => {
    // The kernel ends each argument with a NUL byte.
    const argv = readProc(`${pid}/cmdline`)?.split("\0").slice(0, -1) ?? [];
    const identity = isWanted(argv) ? identify(pid) : undefined;
    const user = identity && userOf(pid);
    return identity === undefined || user === undefined ? [] : [{ ...identity, user, argv }];
  });
}

/** Processes of this user that were started with a variable of this value, and what they have started. */
export function findByVariable(name: string, value: string): ProcessIdentity[] {
  const us = process.getuid?.();
  if (!hasProc()) return pidsWith(name, value, us ?? 0).flatMap((pid) => identify(pid) ?? []);
  return allPids().flatMap((pid) => {
    const has = readProc(`${pid}/environ`)?.split("\0").includes(`${name}=${value}`) === true;
    return has && userOf(pid) === us ? (identify(pid) ?? []) : [];
  });
}

/** The children of a process. */
export function childrenOf(pid: number): number[] {
  const listed = readProc(`${pid}/task/${pid}/children`);
  if (listed !== undefined) return listed.trim().split(" ").filter(Boolean).map(Number);
  return allPids().filter((child) => parentOf(child) === pid);
}

/** SIGKILL; a process that is already gone, or that is not ours to kill, is left at that. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

/** Whether kill(2) failed because there is no such process, or because it is somebody else's. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ESRCH" || error.code === "EPERM");
}

function hasProc(): boolean {
  return readProc("self/stat") !== undefined;
}

/** Our own start, which does not change; ps costs a process each time. */
let ownStart: string | undefined;

function identifyByPs(pid: number): ProcessIdentity | undefined {
  const startTime = pid === process.pid ? (ownStart ??= startOf(pid)) : startOf(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

/** Real user id. */
function userOf(pid: number): number | undefined {
  const user = /^Uid:\t(\d+)/m.exec(readProc(`${pid}/status`) ?? "")?.[1];
  return user === undefined ? undefined : Number(user);
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
