/**
 * Processes of a system without /proc, such as FreeBSD, as ps(1) shows them. procps takes the same options, so that the
 * tests can run this on Linux.
 */
import { spawnSync } from "node:child_process";

/** When a process was started, to the second: with its pid that is one process. Undefined for none, or one that has ended. */
export function startOf(pid: number): string | undefined {
  const [, state, start] =
    /^\s*(\S+)\s+(\S.*\S)\s*$/.exec(ps(["-o", "state=", "-o", "lstart=", "-p", String(pid)])) ?? [];
  return state === undefined || state.startsWith("Z") ? undefined : start;
}

/**
 * Pids of a user's processes that were started with a variable. An argument of the same text passes for one, and so does a
 * value that goes on after a blank: ps does not tell where one ends.
 */
export function pidsWith(name: string, value: string, user: number): number[] {
  const wanted = ` ${name}=${value} `;
  return ps(["-axeww", "-o", "pid=", "-o", "uid=", "-o", "command="])
    .split("\n")
    .flatMap((line) => {
      const [, pid, owner, words] = /^\s*(\d+)\s+(\d+)\s(.*)$/.exec(line) ?? [];
      return Number(owner) === user && ` ${words} `.includes(wanted) ? [Number(pid)] : [];
    });
}

/** In one time zone, since two runs that compare start times may have different ones. */
function ps(options: readonly string[]): string {
  return (
    spawnSync("env", ["TZ=UTC", "LC_ALL=C", "ps", ...options], { encoding: "utf8", maxBuffer: 2 ** 28 }).stdout ?? ""
  );
}
