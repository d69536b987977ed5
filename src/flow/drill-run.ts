/** One run of a drill: steady traffic, the fault, routers that turn away, the repair, routers that come back, steady traffic. */
import { countedSince, countersArgv, readCounters } from "../drill/counters.ts";
import { backWithinMs } from "../drill/judge.ts";
import type { Counted, Fault, Observed, Turn } from "../drill/model.ts";
import { hasTurned, isTurning } from "../drill/timeline.ts";
import { isSame, turnsOf } from "../drill/turns.ts";
import { exitCodes, LabError } from "../errors.ts";
import type { Plan, Service } from "../plan/model.ts";
import type { Fleet } from "../remote/fleet.ts";
import type { Clock } from "../system/clock.ts";
import { until, type Waiting } from "./drain.ts";
import { askAgain } from "./drill-again.ts";
import type { Clocks } from "./drill-clock.ts";
import { makeFault, mendFault, type Place } from "./drill-fault.ts";
import { becomeWhole, mendWhole, rescue } from "./drill-heal.ts";
import { type Probes, startProbes, type Traffic } from "./drill-probe.ts";
import { type Watchers, watchRouters } from "./drill-watch.ts";
import { throwIfInterrupted } from "./interrupt.ts";
import { together } from "./together.ts";

export interface Arena {
  readonly plan: Plan;
  readonly service: Service;
  readonly fleet: Fleet;
  readonly place: Place;
  readonly clock: Clock;
  readonly clocks: Clocks;
  readonly traffic: Traffic;
  /** Ends the run early; what is broken is mended all the same. */
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
}

const readyMs = 10_000;
/** Traffic before the fault, and between the last router's turn and the repair. */
const steadyMs = 1000;
/** What went by routers' old routes has been answered by then, or is lost. */
const settleMs = 1200;
/** Requests that each server may expect afterwards: enough that none is left out by chance. */
const leastEach = 20;

export async function runOnce(arena: Arena, fault: Fault): Promise<Observed> {
  const { plan, service, fleet, clocks, clock, traffic } = arena;
  const turns = turnsOf(plan, service, fault.lost);
  const watchers = await watchRouters(turns, service, { fleet, clocks, now: () => clock.now() });
  const probes = startProbes(traffic, fleet, clocks);
  try {
    return await new Run(arena, fault, turns, watchers, probes).observe();
  } finally {
    await Promise.all([watchers.stop(), probes.stop()]);
  }
}

class Run {
  readonly #arena: Arena;
  readonly #fault: Fault;
  readonly #turns: readonly Turn[];
  readonly #watchers: Watchers;
  readonly #probes: Probes;

  constructor(arena: Arena, fault: Fault, turns: readonly Turn[], watchers: Watchers, probes: Probes) {
    this.#arena = arena;
    this.#fault = fault;
    this.#turns = turns;
    this.#watchers = watchers;
    this.#probes = probes;
  }

  async observe(): Promise<Observed> {
    const { place, clocks } = this.#arena;
    await this.#becomeSteady();
    const before = await this.#count();
    let faultMs: number;
    try {
      faultMs = await makeFault(place, this.#fault);
      await this.#turnAway();
    } catch (error) {
      this.#arena.note(`${this.#fault.title}: mends it`);
      await mendWhole(this.#arena, this.#fault);
      throw error;
    }
    const { atMs } = await mendFault(place, this.#fault);
    const wholeMs = await this.#comeBack();
    const counted = await this.#countSince(before);
    const { requests, sent } = await this.#probes.stop();
    const { node } = this.#fault;
    return {
      fault: this.#fault,
      turns: this.#turns,
      faultMs: clocks.ours(node, faultMs),
      repairMs: clocks.ours(node, atMs),
      ...(wholeMs !== undefined && { wholeMs }),
      seen: this.#watchers.seen(),
      requests,
      sent,
      counted,
      clockMs: clocks.errorMs,
    };
  }

  async #becomeSteady(): Promise<void> {
    const { clock, signal, fleet } = this.#arena;
    const unready = () => this.#turns.filter(({ router, whole }) => !isSame(this.#watchers.ports(router), whole));
    if (!(await this.#until(() => unready().length === 0 && this.#probes.ready(), readyMs)))
      throw this.#unsteady(unready());
    // The fault is made over a connection that is known to be good: it must not be made twice.
    await askAgain(() => fleet.try(this.#fault.node, ["true"], { connectMs: 10_000, timeoutMs: 10_000 }));
    await clock.pause(steadyMs, signal);
    throwIfInterrupted(signal);
    // Throws where a client has ended since.
    this.#probes.ready();
  }

  #unsteady(routers: readonly Turn[]): LabError {
    const [first] = routers;
    const what =
      first === undefined
        ? `no client gets an answer from ${this.#arena.traffic.url}`
        : `${first.router} sends to ${this.#watchers.ports(first.router).join(", ")}, not to ${first.whole.join(", ")}`;
    return new LabError(
      { code: "E_DRILL_NOT_STEADY", message: `not steady before the drill: ${what}`, hint: "lab verify" },
      exitCodes.notConverged,
    );
  }

  /** Until all have turned, or had twice their time; then a while longer, for what that does to traffic. */
  async #turnAway(): Promise<void> {
    const { clock, signal, note } = this.#arena;
    note(`${this.#fault.title}: waits for routers to turn away`);
    const turning = this.#turns.filter(isTurning);
    const turned = () => turning.every((turn) => hasTurned(turn, this.#watchers.ports(turn.router)));
    await this.#until(turned, this.#fault.turnWithinMs * 2);
    await clock.pause(steadyMs, signal);
    throwIfInterrupted(signal);
  }

  /** Resolves to when steady traffic began; undefined where routers had to be helped, which takes time of its own. */
  async #comeBack(): Promise<number | undefined> {
    const { clock, signal, note, traffic } = this.#arena;
    const { title, node } = this.#fault;
    note(`${title}: mended, waits for routers to come back`);
    const back = () => this.#turns.every(({ router, whole }) => isSame(this.#watchers.ports(router), whole));
    const isBack = await this.#until(back, backWithinMs, new AbortController().signal);
    if (!isBack) await rescue(this.#arena, node);
    await becomeWhole(this.#arena, node);
    await clock.pause(settleMs, signal);
    if (!isBack) return undefined;
    const wholeMs = clock.now();
    await clock.pause(Math.max(steadyMs, (leastEach * traffic.servers.length * 1000) / traffic.rate), signal);
    throwIfInterrupted(signal);
    return wholeMs;
  }

  async #count(): Promise<Readonly<Record<string, Counted>>> {
    const { fleet } = this.#arena;
    const entries = await together(this.#turns, async ({ router }) => {
      const { stdout } = await fleet.try(router, countersArgv, { connectMs: 5000, timeoutMs: 10_000 });
      const counted = readCounters(stdout);
      return counted === undefined ? [] : [[router, counted] as const];
    });
    return Object.fromEntries(entries.flat());
  }

  async #countSince(before: Readonly<Record<string, Counted>>): Promise<Readonly<Record<string, Counted>>> {
    const now = await this.#count();
    return Object.fromEntries(
      Object.entries(now).flatMap(([router, counted]) => {
        const earlier = before[router];
        return earlier === undefined ? [] : [[router, countedSince(earlier, counted)]];
      }),
    );
  }

  #until(condition: () => boolean, withinMs: number, signal = this.#arena.signal): Promise<boolean> {
    const { clock } = this.#arena;
    const waiting: Waiting = { clock, signal, note: () => undefined };
    return until(() => Promise.resolve(condition()), withinMs, waiting);
  }
}
