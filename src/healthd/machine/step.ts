/**
 * The heart of healthd: a state and an event make the next state and what is to be done. No clock, no chance and no
 * interface is in here, so that whatever happened can be written down and played again.
 */
import { afterCheck, rise } from "./checked.ts";
import { close, goOnClosing } from "./closing.ts";
import type { Event } from "./event.ts";
import { afterLook } from "./seen.ts";
import { isAnnounced, type Mode, type State } from "./state.ts";
import { act, move, update, type Turn } from "./turn.ts";

/** @param now milliseconds of the same clock as in the state, never less than at the step before */
export function step(state: State, event: Event, now: number): Turn {
  const turn: Turn = { state, actions: [] };
  // Before time is looked at: while the root part was at work no check could be completed.
  if (event.type === "raised") return isAnnounced(state) ? update(turn, { knownAt: now }) : turn;
  return take(pass(turn, now), event, now);
}

/** When time alone changes something, if it does: a `wake` is due then. */
export function wakeAt({ destroyAt, uncoverAt, phase, rules, knownAt }: State): number | undefined {
  const lapse = isAnnounced({ phase }) ? knownAt + rules.leaseMs : undefined;
  const all = [destroyAt, uncoverAt, lapse].filter((time) => time !== undefined);
  return all.length === 0 ? undefined : Math.min(...all);
}

/** What time has done before the event. */
function pass(turn: Turn, now: number): Turn {
  const { state } = turn;
  if (isAnnounced(state) && now - state.knownAt >= state.rules.leaseMs) {
    // The kernel has let go of the address, or is about to; it must prove itself again, but this was no flap of its.
    return close(turn, "withdrawn", `no check was completed for ${state.rules.leaseMs / 1000} s`, now);
  }
  return goOnClosing(turn, now);
}

function take(turn: Turn, event: Exclude<Event, { readonly type: "raised" }>, now: number): Turn {
  switch (event.type) {
    case "begin":
      return begin(turn, event.seen === "live", event.mode, now);
    case "checked":
      return afterCheck(turn, event.outcome, event.chance, now);
    case "died":
      return afterDeath(turn, now);
    case "seen":
      return afterLook(turn, event.seen, event.cover, now);
    case "mode":
      return setMode(turn, event.mode, now);
    case "leave":
      return leave(turn, now);
    case "reload":
      return rise(update(turn, { rules: event.rules, window: turn.state.window.slice(-event.rules.window) }), now);
    case "wake":
      return rise(turn, now);
  }
}

function begin(turn: Turn, live: boolean, mode: Mode, now: number): Turn {
  const { rules } = turn.state;
  const known = update(turn, { mode, knownAt: now, upSince: now });
  if (mode !== "ready") return close(known, "draining", mode, now);
  const covered = rules.covered ? act(known, "up", true) : known;
  if (!live) return move(covered, "down", "not checked yet", now);
  if (rules.start === "down") return close(covered, "withdrawn", "start = down", now);
  return move(covered, "up", "adopted: its interface was up", now);
}

/** Its process ended: one check that fails as well is enough now. Never on this alone, since it may run again already. */
function afterDeath(turn: Turn, now: number): Turn {
  const { state } = turn;
  const checked: Turn = { state, actions: [...turn.actions, { type: "check" }] };
  if (!isAnnounced(state)) return checked;
  const falling = move(checked, "falling", "its process ended", now);
  return update(falling, { passes: 0, failures: Math.max(state.failures, state.rules.fall - 1) });
}

function setMode(turn: Turn, mode: Mode, now: number): Turn {
  const { state } = turn;
  if (mode === state.mode || state.leaving) return turn;
  const changed = update(turn, { mode });
  if (mode !== "ready")
    return state.phase === "disabled" ? move(changed, "disabled", mode, now) : drain(changed, mode, now);
  if (state.phase !== "disabled" || state.uncoverAt !== undefined) return changed;
  const rising = update(move(changed, "rising", "ready again", now), { passes: 0, failures: 0 });
  return state.rules.covered ? act(rising, "up", true) : rising;
}

function leave(turn: Turn, now: number): Turn {
  const { state } = turn;
  if (state.leaving || state.phase === "stopped") return turn;
  const leaving = update(turn, { leaving: true });
  return state.phase === "disabled" && state.uncoverAt === undefined
    ? move(leaving, "stopped", "healthd ends", now)
    : drain(leaving, "healthd ends", now);
}

/** What is closing already goes on, and then takes the cover along; anything else begins to. */
function drain(turn: Turn, reason: string, now: number): Turn {
  const { destroyAt, uncoverAt } = turn.state;
  if (destroyAt === undefined && uncoverAt === undefined) return close(turn, "draining", reason, now);
  return move(turn, "draining", reason, now);
}
