/**
 * How an address goes, always in this order: interface down, wait until routers and clients are elsewhere, destroy. A
 * destroyed interface resets what is still on its way, one that is down does not; and FRR older than 10.5 on FreeBSD
 * does not notice that an address alone is deleted. The cover follows when the service's own address is gone
 * everywhere: until then the requests under way are still served by it.
 */
import type { Phase, State } from "./state.ts";
import { act, move, update, type Turn } from "./turn.ts";

/** Begins it. In `draining`, or where people want it gone already, the cover follows. */
export function close(turn: Turn, phase: "withdrawn" | "draining", reason: string, now: number): Turn {
  const begun = move(act(turn, "down"), phase, reason, now);
  return update(begun, { passes: 0, failures: 0, window: [], destroyAt: now + turn.state.rules.drainMs });
}

/** Goes on with it as far as the time allows. */
export function goOnClosing(turn: Turn, now: number): Turn {
  const { destroyAt, uncoverAt, rules } = turn.state;
  if (destroyAt !== undefined && now >= destroyAt) {
    const destroyed = act(without(turn, "destroyAt"), "destroy");
    if (!rules.covered || !isUnwanted(turn.state)) return finish(destroyed, now);
    return uncover(destroyed, now);
  }
  if (uncoverAt !== undefined && now >= uncoverAt) return finish(act(without(turn, "uncoverAt"), "destroy", true), now);
  return turn;
}

function uncover(turn: Turn, now: number): Turn {
  const drained = move(act(turn, "down", true), "draining", turn.state.reason, now);
  return update(drained, { uncoverAt: now + turn.state.rules.drainMs });
}

/** All that was to go is gone: where to, by what people want now. */
function finish(turn: Turn, now: number): Turn {
  const { reason, rules } = turn.state;
  const phase = phaseAfter(turn.state);
  const done = move(turn, phase, phase === "rising" ? "ready again" : reason, now);
  return rules.covered && phase === "rising" ? act(done, "up", true) : done;
}

function phaseAfter({ phase, mode, leaving }: State): Phase {
  if (leaving) return "stopped";
  if (mode !== "ready") return "disabled";
  return phase === "withdrawn" ? "down" : "rising";
}

function isUnwanted({ mode, leaving }: State): boolean {
  return leaving || mode !== "ready";
}

function without({ state, actions }: Turn, key: "destroyAt" | "uncoverAt"): Turn {
  const { [key]: _, ...rest } = state;
  return { state: rest, actions };
}
