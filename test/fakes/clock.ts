import type { Clock } from "../../src/system/clock.ts";

export interface FakeClock extends Clock {
  readonly pauses: number[];
}

/** A clock on which nobody waits: a pause moves it on at once, after whatever else is due has run. */
export function fakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let now = start;
  const pauses: number[] = [];
  return {
    pauses,
    now: () => now,
    async pause(ms, signal) {
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted === true) return;
      pauses.push(ms);
      now += ms;
    },
  };
}
