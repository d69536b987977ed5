/** The life of one service: checks when they are due, looks at its interface and its maintenance file after each. */
import { EventEmitter, once } from "node:events";
import type { Service } from "../config/service.ts";
import type { Outcome, Seen } from "../machine/event.ts";
import { firstCheckMs, nextCheckMs } from "../machine/schedule.ts";
import type { State } from "../machine/state.ts";
import { startActor } from "./actor.ts";
import { explainDeadlock } from "./deadlock.ts";
import { countCheck, type Tally } from "./tally.ts";
import { watchProcess, type Watch } from "./watch.ts";
import type { World } from "./world.ts";

export interface Keeper {
  readonly service: () => Service;
  readonly state: () => State;
  readonly tally: () => Tally;
  /** The service's interface as it was last seen. */
  readonly seen: () => Seen;
  /** Reads the maintenance file and checks, now. */
  readonly check: () => void;
  /** The same name, interface and prefixes, but other rules. */
  readonly reload: (service: Service) => void;
  /** Withdraws; resolves when everything is gone. */
  readonly leave: () => Promise<void>;
  /** Ends, and leaves everything as it is. */
  readonly stop: () => void;
}

export function keepService(first: Service, world: World): Keeper {
  let service = first;
  let seen: Seen = "gone";
  let timer: NodeJS.Timeout | undefined;
  let watch: Watch | undefined;
  let isChecking = false;
  let isWanted = false;
  let isOver = false;
  const gone = new EventEmitter();
  const endBeat = world.onBeat(() => watch?.glance());
  const stop = (): void => {
    isOver = true;
    clearTimeout(timer);
    endBeat();
    actor.stop();
  };
  const actor = startActor(() => service, world, {
    check: () => check(),
    stopped: () => {
      stop();
      gone.emit("gone");
    },
  });
  const { state, feed } = actor;

  const check = (): void => {
    isWanted = !isOver;
    if (!isChecking) void checkWhileWanted();
  };
  const checkWhileWanted = async (): Promise<void> => {
    isChecking = true;
    clearTimeout(timer);
    while (isWanted) {
      isWanted = false;
      await checkOnce();
    }
    isChecking = false;
    // Without a check there are still the file and the interface to look at.
    const waitMs = nextCheckMs(state(), world.chance()) ?? service.rules.downIntervalMs;
    if (!isOver) timer = setTimeout(check, waitMs);
  };
  const checkOnce = async (): Promise<void> => {
    watch?.look();
    await feed({ type: "mode", mode: world.readMode(service.disableFile) });
    if (nextCheckMs(state(), 0) !== undefined) {
      const { outcome, tookMs } = await world.runCheck(service.check, service.rules.timeoutMs);
      actor.count((tally) => countCheck(tally, outcome, tookMs, Date.now() / 1000));
      if (isOver) return;
      await feed({ type: "checked", outcome, chance: world.chance() });
      warnOfDeadlock(outcome);
    }
    const found = world.interfaces.look(service);
    ({ seen } = found);
    await feed({ type: "seen", ...found });
  };
  const warnOfDeadlock = (outcome: Outcome): void => {
    const isRefused = outcome.result === "fail" && outcome.reason === "nothing listens there";
    // A service that starts at the same time as we do is just slower.
    if (!isRefused || state().failures < 5 || actor.tally().lastOk !== undefined) return;
    const why = explainDeadlock(service);
    if (why !== undefined) actor.alarm(why);
  };
  const watchIt = (): void => {
    const { watchPid } = service;
    watch =
      watchPid === undefined
        ? undefined
        : watchProcess(watchPid, { died: () => void feed({ type: "died" }), born: check });
  };
  const begin = async (): Promise<void> => {
    const mode = world.readMode(service.disableFile);
    ({ seen } = world.interfaces.look(service));
    await feed({ type: "begin", seen, mode });
    if (!isOver) timer = setTimeout(check, firstCheckMs(state(), world.chance()));
  };

  watchIt();
  void begin();
  return {
    service: () => service,
    state,
    tally: actor.tally,
    seen: () => seen,
    check,
    reload: (changed) => {
      service = changed;
      watchIt();
      void feed({ type: "reload", rules: changed.rules });
    },
    leave: async () => {
      const left = once(gone, "gone");
      await feed({ type: "leave" });
      await left;
    },
    stop,
  };
}
