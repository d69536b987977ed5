/** What a check's outcome means: counting, the window, the way up and the way down. */
import { close } from "./closing.ts";
import type { Outcome } from "./event.ts";
import { isAnnounced, neededPasses, type State } from "./state.ts";
import { act, alarm, move, update, type Turn } from "./turn.ts";

/** Up for so long, it has not flapped. */
const calmMs = 600_000;

export function afterCheck(turn: Turn, outcome: Outcome, chance: number, now: number): Turn {
  if (outcome.result === "unknown") return alarm(turn, outcome.reason);
  const known = update(turn, { knownAt: now });
  const counted = outcome.result === "ok" ? pass(known, now) : fail(known, outcome.reason, chance, now);
  // Only from here: whoever is stuck before its check is complete lets the lease run out.
  return isAnnounced(counted.state) && isAnnounced(turn.state) ? act(counted, "renew") : counted;
}

function pass(turn: Turn, now: number): Turn {
  const counted = update(turn, { passes: turn.state.passes + 1, failures: 0, ...remember(turn.state, false) });
  switch (turn.state.phase) {
    case "falling":
      return move(counted, "up", "the check passes again", now);
    case "down":
      return rise(move(counted, "rising", "the check passes", now), now);
    case "rising":
      return rise(counted, now);
    default:
      return counted;
  }
}

/** Slower than the way down: enough passes, and the hold-down is over. */
export function rise(turn: Turn, now: number): Turn {
  const { state } = turn;
  if (state.phase !== "rising" || state.passes < neededPasses(state) || now < state.heldUntil) return turn;
  const risen = move(act(turn, "up"), "up", `${state.passes} checks in a row passed`, now);
  return update(risen, { window: [], wavering: false, upSince: now });
}

function fail(turn: Turn, reason: string, chance: number, now: number): Turn {
  const { state } = turn;
  const wavering = state.wavering || (!isAnnounced(state) && state.passes > 0);
  const counted = update(turn, { passes: 0, failures: state.failures + 1, wavering, ...remember(state, true) });
  switch (state.phase) {
    case "up":
    case "falling":
      return fall(move(counted, "falling", reason, now), reason, chance, now);
    case "rising":
    case "down":
      return move(counted, "down", reason, now);
    default:
      return counted;
  }
}

/** Enough failures in a row, or so many in the window that the service fails by turns. */
function fall(turn: Turn, reason: string, chance: number, now: number): Turn {
  const { rules, failures, window } = turn.state;
  const inWindow = window.filter(Boolean).length;
  if (failures >= rules.fall) return withdraw(turn, `${reason} (${failures} in a row)`, chance, now);
  if (inWindow < rules.windowFall) return turn;
  return withdraw(turn, `${reason} (${inWindow} of the last ${window.length})`, chance, now);
}

function withdraw(turn: Turn, reason: string, chance: number, now: number): Turn {
  const { rules, failures, window, upSince } = turn.state;
  const flaps = now - upSince >= calmMs ? 0 : turn.state.flaps;
  const holdMs = Math.min(rules.holdDownMs * 2 ** flaps, rules.holdDownMaxMs) * (1 + rules.jitter * chance);
  // Failures before the last run of them: it did not die, it fails now and then.
  const wavering = window.filter(Boolean).length > failures;
  return update(close(turn, "withdrawn", reason, now), { flaps: flaps + 1, heldUntil: now + holdMs, wavering });
}

function remember({ window, rules, phase }: State, failed: boolean): Partial<State> {
  return isAnnounced({ phase }) ? { window: [...window, failed].slice(-rules.window) } : {};
}
