/** Plays events to the machine and writes down what it does, so that tests read like timetables. */
import { defaultRules, type Rules } from "../../src/healthd/config/service.ts";
import type { Action, Event } from "../../src/healthd/machine/event.ts";
import { initialState, type State } from "../../src/healthd/machine/state.ts";
import { step, wakeAt } from "../../src/healthd/machine/step.ts";

/** A start where nothing is there yet. */
export const begin = { type: "begin", seen: "gone", mode: "ready" } as const;

export interface Trace {
  state(): State;
  now(): number;
  /** Everything done so far, as `up`, `down cover`, `renew`, …, `alarm`. */
  readonly words: string[];
  readonly moves: string[];
  /** Times at which the address came or went. */
  readonly routes: number[];
  feed(event: Event): readonly Action[];
  /** Time passes, and due wakes are fed. */
  pass(ms: number): void;
  /** Time passes without anybody noticing. */
  skip(ms: number): void;
  ok(everyMs?: number): void;
  fail(everyMs?: number): void;
}

export function trace(rules: Partial<Rules> = {}): Trace {
  let now = 1000;
  let state = initialState({ ...defaultRules, ...rules }, now);
  const words: string[] = [];
  const moves: string[] = [];
  const routes: number[] = [];
  const feed = (event: Event): readonly Action[] => {
    const turn = step(state, event, now);
    ({ state } = turn);
    for (const action of turn.actions) {
      if (action.type === "act") words.push(action.cover ? `${action.word} cover` : action.word);
      if (action.type === "alarm") words.push("alarm");
      if (action.type === "check") words.push("check");
      if (action.type === "moved") moves.push(action.to);
      if (action.type === "act" && !action.cover && /^(up|down)$/.test(action.word)) routes.push(now);
    }
    return turn.actions;
  };
  const pass = (ms: number): void => {
    const end = now + ms;
    for (let at = wakeAt(state); at !== undefined && at <= end; at = wakeAt(state)) {
      now = Math.max(now, at);
      feed({ type: "wake" });
    }
    now = end;
  };
  const check = (outcome: "ok" | "fail", everyMs: number): void => {
    pass(everyMs);
    feed({
      type: "checked",
      outcome: outcome === "ok" ? { result: "ok" } : { result: "fail", reason: "broken" },
      chance: 0.5,
    });
  };
  return {
    state: () => state,
    now: () => now,
    words,
    moves,
    routes,
    feed,
    pass,
    skip: (ms) => {
      now += ms;
    },
    ok: (everyMs = 200) => check("ok", everyMs),
    fail: (everyMs = 200) => check("fail", everyMs),
  };
}

/** A service that came up the usual way; what it took is forgotten. */
export function traceUp(rules: Partial<Rules> = {}): Trace {
  const traced = trace(rules);
  traced.feed({ type: "begin", seen: "gone", mode: "ready" });
  for (let count = 0; count < traced.state().rules.rise; count += 1) traced.ok();
  traced.words.length = 0;
  traced.moves.length = 0;
  traced.routes.length = 0;
  return traced;
}
