/** Reconciling: what is, against what is to be. Somebody may have made or destroyed an interface by hand. */
import { close } from "./closing.ts";
import type { Seen } from "./event.ts";
import { isAnnounced, isCovered } from "./state.ts";
import { act, alarm, type Turn, update } from "./turn.ts";

export function afterLook(turn: Turn, seen: Seen, cover: Seen, now: number): Turn {
  return lookAtCover(lookAtService(turn, seen, now), cover, now);
}

function lookAtService(turn: Turn, seen: Seen, now: number): Turn {
  const { state } = turn;
  if (isAnnounced(state)) {
    if (seen === "live") return turn;
    if (seen === "foreign") return alarm(turn, "the interface has an address that is not ours: it is left alone");
    return act(alarm(turn, "the interface was gone or down: made again"), "up");
  }
  if (seen !== "live" || state.phase === "init" || state.phase === "stopped") return turn;
  // Before `destroyAt` it is to be down already: that was lost, or undone.
  if (state.destroyAt !== undefined) return act(alarm(turn, "the interface was up: taken down again"), "down");
  const reason = "somebody brought the interface up while it is to be down";
  return close(alarm(turn, reason), state.phase === "disabled" ? "draining" : "withdrawn", reason, now);
}

function lookAtCover(turn: Turn, cover: Seen, now: number): Turn {
  const { state } = turn;
  if (isCovered(state)) {
    if (cover === "live" || state.uncoverAt !== undefined) return turn;
    if (cover === "foreign")
      return alarm(turn, "the cover's interface has an address that is not ours: it is left alone");
    return act(alarm(turn, "the cover was gone or down: made again"), "up", true);
  }
  if (cover !== "live" || !state.rules.covered || state.phase !== "disabled") return turn;
  const down = act(alarm(turn, "somebody brought the cover up while it is to be down"), "down", true);
  return update(down, { uncoverAt: now + state.rules.drainMs });
}
