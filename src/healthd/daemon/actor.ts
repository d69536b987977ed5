/** Feeds the machine one event after the other, and does what it says before the next. */
import type { Service } from "../config/service.ts";
import type { Action, Event } from "../machine/event.ts";
import { initialState, type State } from "../machine/state.ts";
import { step, wakeAt } from "../machine/step.ts";
import { countMoves, emptyTally, type Tally } from "./tally.ts";
import type { World } from "./world.ts";

export interface Actor {
  readonly state: () => State;
  readonly tally: () => Tally;
  readonly count: (change: (tally: Tally) => Tally) => void;
  /** Resolves when the event's actions are done. */
  readonly feed: (event: Event) => Promise<void>;
  readonly alarm: (reason: string) => void;
  readonly stop: () => void;
}

/** The same trouble, found again by every check, is told once in so long. */
const alarmEveryMs = 60_000;
/** Node's timers hold no more. */
const mostTimerMs = 2 ** 31 - 1;

/** @param check checks at once; @param stopped there is nothing left to do */
export function startActor(
  service: () => Service,
  world: World,
  on: { readonly check: () => void; readonly stopped: () => void },
): Actor {
  const { log, now } = world;
  let state = initialState(service().rules, now());
  let tally = emptyTally;
  let work = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const alarms = new Map<string, number>();

  const alarm = (reason: string): void => {
    const last = alarms.get(reason);
    if (last !== undefined && now() - last < alarmEveryMs) return;
    alarms.set(reason, now());
    log({ event: "alarm", service: service().name, reason });
  };
  const perform = async (action: Action): Promise<void> => {
    switch (action.type) {
      case "act": {
        const why = await world.interfaces.act(action.word, service(), action.cover);
        if (why === undefined) {
          if (action.word === "up" && !action.cover) ({ state } = step(state, { type: "raised" }, now()));
          return;
        }
        tally = { ...tally, failedActs: tally.failedActs + 1 };
        return alarm(`${action.word} ${action.cover ? "of the cover " : ""}failed: ${why}`);
      }
      case "moved":
        log({ event: "moved", service: service().name, ...describe(action, state) });
        alarms.clear();
        return world.tell(service(), action);
      case "alarm":
        return alarm(action.reason);
      case "check":
        return on.check();
    }
  };
  const take = async (event: Event): Promise<void> => {
    const turn = step(state, event, now());
    ({ state } = turn);
    tally = countMoves(tally, turn.actions);
    for (const action of turn.actions) await perform(action);
    clearTimeout(timer);
    const at = wakeAt(state);
    const waitMs = at === undefined ? undefined : Math.min(Math.max(0, Math.ceil(at - now())), mostTimerMs);
    if (waitMs !== undefined) timer = setTimeout(() => void feed({ type: "wake" }), waitMs);
    if (state.phase === "stopped") on.stopped();
  };
  const feed = (event: Event): Promise<void> => {
    work = work.then(() => take(event));
    return work;
  };
  const count = (change: (tally: Tally) => Tally): void => {
    tally = change(tally);
  };
  return { state: () => state, tally: () => tally, count, feed, alarm, stop: () => clearTimeout(timer) };
}

function describe({ from, to, reason }: Extract<Action, { type: "moved" }>, state: State) {
  const { passes, failures, window, flaps } = state;
  return { from, to, reason, passes, failures, windowFailures: window.filter(Boolean).length, flaps };
}
