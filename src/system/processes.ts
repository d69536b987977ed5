/**
 * Processes of this machine, found by their arguments rather than by a pid from a file: a pid may have been given to
 * somebody else since. Linux tells in /proc; FreeBSD has none, and is asked by ps(1).
 */
import { hasProc, procTable } from "./proc.ts";
import { psTable } from "./ps.ts";

export interface ProcessIdentity {
  readonly pid: number;
  /** As the system counts it: with the pid it names one process for ever. */
  readonly startTime: string;
}

/** A running process as others see it. */
export interface Process extends ProcessIdentity {
  /** Real user id. */
  readonly user: number;
  /** Where ps tells, an argument with blanks is several. */
  readonly argv: readonly string[];
}

/** One way of asking for processes. Those that have ended and wait for their parent are none. */
export interface ProcessTable {
  identify(pid: number): ProcessIdentity | undefined;
  /** Whether two start times of one pid are the same process's. */
  isSame(one: string, other: string): boolean;
  find(isWanted: (argv: readonly string[]) => boolean): readonly Process[];
  /** Processes that were started with a variable of this value. */
  withVariable(name: string, value: string): readonly (ProcessIdentity & { readonly user: number })[];
  /** Also those that have ended. */
  childrenOf(pid: number): readonly number[];
}

const table: ProcessTable = hasProc() ? procTable : psTable();

/** The process with this pid now, or undefined if there is none. */
export function identify(pid: number): ProcessIdentity | undefined {
  return table.identify(pid);
}

/** Whether exactly that process still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  return now !== undefined && table.isSame(now.startTime, identity.startTime);
}

/** All processes whose arguments satisfy `isWanted`, whoever owns them. */
export function findProcesses(isWanted: (argv: readonly string[]) => boolean): Process[] {
  return [...table.find(isWanted)];
}

/** Processes of this user that were started with a variable of this value, and what they have started. */
export function findByVariable(name: string, value: string): ProcessIdentity[] {
  const us = process.getuid?.();
  return table.withVariable(name, value).flatMap(({ pid, startTime, user }) => (user === us ? { pid, startTime } : []));
}

/** The children of a process. */
export function childrenOf(pid: number): number[] {
  return [...table.childrenOf(pid)];
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
