/** What healthd remembers of a service between two events. Times are milliseconds of a clock that only goes forward. */
import type { Rules } from "../config/service.ts";

/**
 * - `init`: nothing known yet
 * - `down`, `rising`: the address is not there; `rising`: checks have begun to pass
 * - `up`, `falling`: the address is announced; `falling`: checks have begun to fail
 * - `withdrawn`: the interface is down because of failures, and is destroyed when traffic has gone elsewhere
 * - `draining`: the same because somebody wants it; the cover goes as well
 * - `disabled`: drained, until somebody says `ready`
 * - `stopped`: drained, and healthd may exit
 */
export type Phase = "init" | "down" | "rising" | "up" | "falling" | "withdrawn" | "draining" | "disabled" | "stopped";

/** What people want: serve, step back but go on checking, or step back and be left alone. */
export type Mode = "ready" | "drain" | "maint";

export interface State {
  readonly rules: Rules;
  readonly phase: Phase;
  /** When this phase began. */
  readonly since: number;
  readonly reason: string;
  /** Passed and failed checks in a row; one of them is 0. */
  readonly passes: number;
  readonly failures: number;
  /** The last checks while announced, the newest last; true: failed. */
  readonly window: readonly boolean[];
  /** It passed and failed by turns: only a whole window of passes in a row is believed. */
  readonly wavering: boolean;
  /** How often it went down since it was last up for ten minutes. */
  readonly flaps: number;
  readonly upSince: number;
  /** It does not come up before. */
  readonly heldUntil: number;
  /** When a check was last completed, whatever its outcome. */
  readonly knownAt: number;
  readonly mode: Mode;
  /** healthd is to end. */
  readonly leaving: boolean;
  /** When the service's interface is destroyed, and when the cover's is; both are down then. */
  readonly destroyAt?: number;
  readonly uncoverAt?: number;
}

export function initialState(rules: Rules, now: number): State {
  return {
    rules,
    phase: "init",
    since: now,
    reason: "healthd starts",
    passes: 0,
    failures: 0,
    window: [],
    wavering: false,
    flaps: 0,
    upSince: now,
    heldUntil: now,
    knownAt: now,
    mode: "ready",
    leaving: false,
  };
}

/** The address is to be there. */
export function isAnnounced({ phase }: Pick<State, "phase">): boolean {
  return phase === "up" || phase === "falling";
}

/** The cover is to be there: it shares the service's fate only when people want it. */
export function isCovered({ rules, phase, mode, leaving }: State): boolean {
  return rules.covered && phase !== "init" && mode === "ready" && !leaving;
}

/** Passed checks in a row without which the address does not come up. */
export function neededPasses({ rules, wavering }: State): number {
  return wavering ? Math.max(rules.rise, rules.window) : rules.rise;
}
