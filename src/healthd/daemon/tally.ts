/** What is counted of a service for the metrics. */
import type { Action, Outcome } from "../machine/event.ts";
import type { Phase } from "../machine/state.ts";

export interface Tally {
  readonly checks: Readonly<Record<Outcome["result"], number>>;
  readonly checkSeconds: number;
  readonly moves: Readonly<Partial<Record<Phase, number>>>;
  readonly failedActs: number;
  /** Seconds since 1970 by the clock on the wall; nothing if no check ever passed. */
  readonly lastOk: number | undefined;
}

export const emptyTally: Tally = {
  checks: { ok: 0, fail: 0, unknown: 0 },
  checkSeconds: 0,
  moves: {},
  failedActs: 0,
  lastOk: undefined,
};

/** @param wall seconds since 1970 */
export function countCheck(tally: Tally, { result }: Outcome, tookMs: number, wall: number): Tally {
  return {
    ...tally,
    checks: { ...tally.checks, [result]: tally.checks[result] + 1 },
    checkSeconds: tally.checkSeconds + tookMs / 1000,
    lastOk: result === "ok" ? wall : tally.lastOk,
  };
}

export function countMoves(tally: Tally, actions: readonly Action[]): Tally {
  const moves: Partial<Record<Phase, number>> = { ...tally.moves };
  for (const action of actions) {
    if (action.type === "moved") moves[action.to] = (moves[action.to] ?? 0) + 1;
  }
  return { ...tally, moves };
}
