/** Ends what a run that was killed left: processes that are known by a variable they were started with, not by a name. */
import type { Clock } from "./clock.ts";
import { findByVariable, kill } from "./processes.ts";

/** Looks again until there is none, since they may have started others meanwhile. Tells how many, and which stay. */
export async function endByVariable(
  name: string,
  value: string,
  clock: Clock,
  timeoutMs: number,
): Promise<{ readonly ended: number; readonly left: readonly number[] }> {
  const seen = new Set<number>();
  const deadline = clock.now() + timeoutMs;
  for (;;) {
    const found = findByVariable(name, value).map(({ pid }) => pid);
    if (found.length === 0 || clock.now() >= deadline) return { ended: seen.size - found.length, left: found };
    for (const pid of found) {
      seen.add(pid);
      kill(pid);
    }
    await clock.pause(5);
  }
}
