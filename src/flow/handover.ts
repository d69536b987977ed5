/**
 * Around a change of a running lab: traffic is handed over before anything is taken away, and connections keep their ways
 * until the new next hops stand.
 */
import type { Observation } from "../drivers/driver.ts";
import type { Plan } from "../plan/model.ts";
import type { Fleet } from "../remote/fleet.ts";
import { shutPorts } from "../render/frr-commands.ts";
import { waysOf } from "../render/pins.ts";
import { keysOf, openLabFleet } from "./access.ts";
import { drain, type Waiting } from "./drain.ts";
import { gently, type Gently } from "./gently.ts";
import type { Lab } from "./lab.ts";
import { findLeaving, type Leaving } from "./leaving.ts";
import { freezePins, pin, type Pinned, pinNewPorts, removePins, unpin, watchMs } from "./pins.ts";
import { together } from "./together.ts";
import { isUntouched, readTouched, untouched, writeTouched } from "./touched.ts";
import type { Work } from "./work.ts";

export interface Change {
  readonly before: Plan;
  readonly after: Plan;
  readonly seen: Observation;
  readonly work: Work;
}

type Note = (text: string) => void;

export class Handover {
  readonly #lab: Lab;
  readonly #change: Change;
  readonly #leaving: Leaving;
  /** Pins on routers that stay; the others' go with them. */
  #pins: readonly Pinned[] = [];
  #pinnedAt = 0;
  #told: readonly string[] = [];
  #fleet: Fleet | undefined;
  #frozen: Promise<void> | undefined;

  constructor(lab: Lab, change: Change) {
    this.#lab = lab;
    this.#change = change;
    this.#leaving = findLeaving(change.before, change.after, change.seen, change.work);
  }

  /** Nodes whose FRR is to be reloaded from its files, even if these have not changed. */
  get told(): ReadonlySet<string> {
    return new Set(this.#told);
  }

  /** Before anything is taken away: puts right what an earlier run left, pins, drains, and gives up ports. */
  async begin(note: Note): Promise<void> {
    try {
      await this.#begin(note);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  async #begin(note: Note): Promise<void> {
    const { before, after, seen, work } = this.#change;
    const { servers, routers, addresses, ports } = this.#leaving;
    const { state } = this.#lab;
    if (work.fresh) {
      await writeTouched(state, untouched);
      return;
    }
    const earlier = await readTouched(state);
    const pins = routers.map((router) => ({ router, ways: waysOf([before, after], router) }));
    const touched = {
      pins: [...earlier.pins, ...pins],
      told: [...earlier.told, ...servers.map(({ server }) => server), ...ports.map(({ router }) => router)],
    };
    if (isUntouched(touched)) return;
    await writeTouched(state, touched);
    const nodes = await this.#nodes(note);
    const stale = earlier.pins.filter(({ router }) => seen.guests.includes(router));
    await together(stale, (pinned) => removePins(pinned, nodes));
    const kept = new Set(after.nodes.map(({ name }) => name));
    this.#pins = pins.filter(({ router }) => kept.has(router));
    this.#told = [...earlier.told, ...servers.map(({ server }) => server)];
    await pin(pins, addresses, nodes);
    this.#pinnedAt = this.#lab.world.clock.now();
    if (servers.length > 0) await this.#watch();
    await drain(this.#leaving, nodes, this.#waiting(note));
    await together(ports, (lost) => nodes.act(`give up ${lost.ports.join(", ")}`, lost.router, shutPorts(lost.ports)));
  }

  /** Before next hops change by what was made: ports that are new lead somewhere now. */
  async extend(note: Note): Promise<void> {
    if (this.#pins.length === 0) return;
    await pinNewPorts(this.#pins, await this.#nodes(note));
    await this.#watch();
  }

  /** The new next hops stand. Waits for nothing; `end` does. */
  freeze(note: Note): void {
    if (this.#pins.length > 0) this.#frozen ??= this.#nodes(note).then((nodes) => freezePins(this.#pins, nodes));
  }

  /** @param settled every node has its files by now, so that nothing but pins is left of the change */
  async end(settled: boolean, note: Note): Promise<void> {
    if (this.#pins.length > 0) {
      this.freeze(note);
      await this.#frozen;
      await unpin(this.#pins, await this.#nodes(note), this.#waiting(note));
      this.#pins = [];
    }
    const { state } = this.#lab;
    await writeTouched(state, settled ? untouched : { pins: [], told: (await readTouched(state)).told });
    this.close();
  }

  close(): void {
    this.#fleet?.close();
  }

  /** Connections to what runs before the change, made when first needed. */
  async #nodes(note: Note): Promise<Gently> {
    const { before } = this.#change;
    this.#fleet ??= openLabFleet(this.#lab, before, await keysOf(this.#lab, before));
    return gently(this.#lab, this.#fleet, note);
  }

  /** Lets every connection show itself once. */
  async #watch(): Promise<void> {
    const { clock, signal } = this.#lab.world;
    await clock.pause(Math.max(0, this.#pinnedAt + watchMs - clock.now()), signal);
  }

  #waiting(note: Note): Waiting {
    const { clock, signal } = this.#lab.world;
    return { clock, signal, note };
  }
}
