/** When the next check is due. */
import { isAnnounced, type State } from "./state.ts";

/**
 * @param chance from 0 to 1; checks of many servers drift apart by it
 * @returns milliseconds until the next check begins, counted from the end of the last; nothing if none is due
 */
export function nextCheckMs(state: State, chance: number): number | undefined {
  const base = intervalMs(state);
  // Earlier, never later: the interval is what a failure waits at most.
  return base === undefined ? undefined : base * (1 - state.rules.jitter * chance);
}

/** Servers that start together begin to check at different times. What is adopted has a lease that ends soon. */
export function firstCheckMs(state: State, chance: number): number {
  return isAnnounced(state) ? 0 : state.rules.intervalMs * chance;
}

function intervalMs({ phase, mode, passes, rules }: State): number | undefined {
  switch (phase) {
    case "up":
      // Adopted, or just after a failure: it has to convince again.
      return passes < rules.rise ? rules.fastIntervalMs : rules.intervalMs;
    case "falling":
    case "rising":
      return rules.fastIntervalMs;
    case "disabled":
      return mode === "maint" ? undefined : rules.downIntervalMs;
    case "stopped":
      return undefined;
    default:
      return rules.downIntervalMs;
  }
}
