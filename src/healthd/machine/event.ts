/** What happens to a service, and what healthd does about it. */
import type { Rules } from "../config/service.ts";
import type { Mode, Phase } from "./state.ts";

/** What a check found. `unknown` is healthd's own fault (no fork, no descriptors, held up), not the service's. */
export type Outcome = { readonly result: "ok" } | { readonly result: "fail" | "unknown"; readonly reason: string };

/**
 * An interface as it is: up with exactly our addresses, with addresses that are not ours, or anything else (not there,
 * down, without all of our addresses).
 */
export type Seen = "live" | "foreign" | "gone";

export type Event =
  /** Once, first: what a former healthd left behind. */
  | { readonly type: "begin"; readonly seen: Seen; readonly mode: Mode }
  /** `chance` from 0 to 1 makes the hold-down random, since servers that fail together must not come back together. */
  | { readonly type: "checked"; readonly outcome: Outcome; readonly chance: number }
  /** The root part has brought the interface up: only now its lease begins, however long that took. */
  | { readonly type: "raised" }
  /** The service's own process ended. */
  | { readonly type: "died" }
  | { readonly type: "seen"; readonly seen: Seen; readonly cover: Seen }
  | { readonly type: "mode"; readonly mode: Mode }
  | { readonly type: "leave" }
  | { readonly type: "reload"; readonly rules: Rules }
  /** Time has passed: see `wakeAt`. */
  | { readonly type: "wake" };

/** What the root part does to an interface. All can be done again. */
export type Word = "up" | "down" | "destroy" | "renew";

export type Action =
  | { readonly type: "act"; readonly word: Word; readonly cover: boolean }
  | { readonly type: "moved"; readonly from: Phase; readonly to: Phase; readonly reason: string }
  | { readonly type: "alarm"; readonly reason: string }
  /** Check at once. */
  | { readonly type: "check" };
