import { existsSync } from "node:fs";
import { identify } from "../../src/system/processes.ts";

/** Linux, with its /proc and util-linux; else FreeBSD, where some tests have nothing to look at. */
export const onLinux = existsSync("/proc/self/stat");

/** Whether a process runs; one that only waits to be reaped does not. */
export function isRunning(pid: number): boolean {
  return identify(pid) !== undefined;
}

/** Resolves as soon as a condition holds; fails the test after five seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within 5 s: ${String(condition)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
