import { existsSync } from "node:fs";
import { identify } from "../../src/system/processes.ts";

/** The timer of tests that stop time as well. */
const realSetTimeout = setTimeout;

/** Linux, with its /proc and util-linux; else FreeBSD, where some tests have nothing to look at. */
export const onLinux = existsSync("/proc/self/stat");

/** Whether a process runs; one that only waits to be reaped does not. */
export function isRunning(pid: number): boolean {
  return identify(pid) !== undefined;
}

/** Resolves as soon as a condition holds; fails the test after so long. */
export async function until(condition: () => boolean, withinMs = 5000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${String(condition)}`);
    await new Promise((resolve) => realSetTimeout(resolve, 1));
  }
}
