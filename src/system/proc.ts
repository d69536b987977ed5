/** The processes of a Linux machine, as /proc tells of them. */
import { readFileSync, readdirSync } from "node:fs";
import type { Process, ProcessIdentity, ProcessTable } from "./processes.ts";

/** Whether there is a /proc as Linux has it; FreeBSD has none, or one of its own without these files. */
export function hasProc(): boolean {
  return readProc("self/stat") !== undefined;
}

export const procTable: ProcessTable = {
  identify,
  isSame: (one, other) => one === other,
  find: (isWanted) =>
    allPids().flatMap((pid): Process[] => {
      // The kernel ends each argument with a NUL byte.
      const argv = readProc(`${pid}/cmdline`)?.split("\0").slice(0, -1) ?? [];
      const identity = isWanted(argv) ? identify(pid) : undefined;
      const user = identity && userOf(pid);
      return identity === undefined || user === undefined ? [] : [{ ...identity, user, argv }];
    }),
  withVariable: (name, value) =>
    allPids().flatMap((pid) => {
      const has = readProc(`${pid}/environ`)?.split("\0").includes(`${name}=${value}`) === true;
      const identity = has ? identify(pid) : undefined;
      const user = identity && userOf(pid);
      return identity === undefined || user === undefined ? [] : [{ ...identity, user }];
    }),
  childrenOf(pid) {
    const listed = readProc(`${pid}/task/${pid}/children`);
    if (listed !== undefined) return listed.trim().split(" ").filter(Boolean).map(Number);
    return allPids().filter((child) => parentOf(child) === pid);
  },
};

/** Start time in clock ticks since boot (proc_pid_stat(5), field 22). */
function identify(pid: number): ProcessIdentity | undefined {
  const stat = readProc(`${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = fieldsOf(stat);
  const startTime = fields[19];
  return startTime === undefined || fields[0] === "Z" ? undefined : { pid, startTime };
}

/** The command name in field 2 may hold spaces and parentheses; fields are counted after its last one. */
function fieldsOf(stat: string): readonly string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** Real user id. */
function userOf(pid: number): number | undefined {
  const user = /^Uid:\t(\d+)/m.exec(readProc(`${pid}/status`) ?? "")?.[1];
  return user === undefined ? undefined : Number(user);
}

function parentOf(pid: number): number | undefined {
  const stat = readProc(`${pid}/stat`);
  const parent = stat === undefined ? undefined : fieldsOf(stat)[1];
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
