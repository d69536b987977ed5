/** The hypervisor of the article: FreeBSD with vm-bhyve. Switches first, then guests; files decide what is true. */
import type { Plan } from "../../plan/model.ts";
import { guestName } from "../../plan/names.ts";
import type { Clock } from "../../system/clock.ts";
import type { Driver, Log, Observation, Placing, Receipt } from "../driver.ts";
import type { Owner } from "./conf.ts";
import { findVmDir, type Host, limitHost, notConfigured, type VmHost, withVmDir } from "./host.ts";
import type { ImageCache } from "./images/cache.ts";
import { clonedImages } from "./images/look.ts";
import { placeImages } from "./images/place.ts";
import { listInterfaces, tapOwner } from "./interfaces.ts";
import { takeInventory } from "./inventory.ts";
import { limitTo } from "../../system/limit.ts";
import { performAct, type Performer } from "./perform.ts";
import { placeOf } from "./place.ts";
import { probeHost } from "./probe.ts";
import { tagGroup } from "./tags.ts";
import { tearDown } from "./teardown.ts";
import { type Timing, usualTiming } from "./timing.ts";
import { waysTo } from "./ways.ts";
import { buildWaves, holdingsOf, removeWaves, teardownWaves } from "./waves.ts";

export interface VmBhyveOptions {
  readonly host: Host;
  readonly clock: Clock;
  /** The mark of this lab in confs and records: unique on the hypervisor, whoever's lab it is. */
  readonly owner: Owner;
  readonly timing?: Timing;
  /** Images that are put on the hypervisor before guests are copied from them. */
  readonly images?: ImageCache;
  /** How many commands run on the hypervisor at once. */
  readonly parallel?: number;
}

const usualParallel = 8;

export function vmBhyveDriver(options: VmBhyveOptions): Driver {
  const { clock, owner, timing = usualTiming } = options;
  const host = limitHost(options.host, limitTo(options.parallel ?? usualParallel));
  const owned = { owner, timing };
  let found: Promise<VmHost | undefined> | undefined;
  const look = () => (found ??= findVmDir(host).then((vmDir) => vmDir && withVmDir(host, vmDir)));
  const performer = async (): Promise<Performer> => {
    const vmHost = await look();
    if (vmHost === undefined) throw notConfigured(host);
    return { host: vmHost, owner, clock };
  };

  return {
    name: "vm-bhyve",
    probe: (plan) => probeHost(host, owner, plan, options.images),
    async placeImages(plan): Promise<Placing> {
      if (options.images === undefined) return { waves: [], remarks: [] };
      return placeImages(await look(), plan, options.images);
    },
    build: (build) => buildWaves(owned, build),
    remove: (removal) => removeWaves(owned, removal),
    removeAll: (plan) => teardownWaves(owned, holdingsOf(plan)),
    perform: async (act, signal, onFraction) => performAct(await performer(), act, signal, onFraction),
    async observe(plan) {
      const vmHost = await look();
      if (vmHost === undefined) return nothing;
      const [seen, cloned] = await Promise.all([observe(vmHost, owner, plan), clonedImages(vmHost, options.images)]);
      return cloned.length === 0 ? seen : { ...seen, cloned };
    },
    async hostLogs(plan, node) {
      const vmHost = await look();
      return vmHost === undefined ? [] : readLogs(vmHost, guestName(plan.tag, node));
    },
    async destroy(): Promise<Receipt> {
      const receipt = await tearDown(await performer(), owned);
      if (receipt.left.length === 0) await host.tidy?.();
      return receipt;
    },
    ...waysTo(host),
  };
}

/** vm-bhyve's own words and bhyve's; none of a guest that is none. */
async function readLogs(host: VmHost, guest: string): Promise<readonly Log[]> {
  const { log, bhyveLog } = placeOf(guest);
  const logs = [log, bhyveLog].map(async (path) => ({ name: host.resolve(path), text: (await host.read(path)) ?? "" }));
  return Promise.all(logs);
}

const nothing: Observation = { running: false, guests: [], ports: [], segments: [] };

async function observe(host: VmHost, owner: Owner, plan: Plan): Promise<Observation> {
  const [inventory, bridges, taps] = await Promise.all([
    takeInventory(host, owner),
    listInterfaces(host, "vm-switch"),
    listInterfaces(host, "vm-port"),
  ]);
  const ours = inventory.guests.filter((guest) => guest.owner === owner);
  const alive = new Set(ours.filter(({ running }) => running).map(({ name }) => name));
  const bridgeOf = (segment: string) => bridges.find(({ groups }) => groups.includes(tagGroup(segment)));
  const isThere = (segment: string) =>
    inventory.record?.switches.includes(segment) === true &&
    inventory.switches.some(({ name, listed, type }) => name === segment && listed && type !== undefined) &&
    bridgeOf(segment) !== undefined;
  const tapOf = (guest: string, segment: string) =>
    taps.find((tap) => tapOwner(tap)?.guest === guest && tapOwner(tap)?.switch === segment)?.name;
  const running = plan.nodes.filter(({ name }) => alive.has(guestName(plan.tag, name)));
  // One whose first login a killed run has left undone is nobody's, and is made anew.
  const ready = await Promise.all(
    running.map(({ name, guest }) => guest.os !== "cumulus" || host.exists(placeOf(guestName(plan.tag, name)).visited)),
  );
  const guests = running.filter((_, index) => ready[index] === true);
  return {
    running: inventory.record !== undefined || ours.length > 0,
    guests: guests.map(({ name }) => name),
    ports: guests.flatMap(({ name, interfaces }) =>
      interfaces.flatMap((port) => {
        const tap = tapOf(guestName(plan.tag, name), port.segment);
        const plugged = tap !== undefined && bridgeOf(port.segment)?.members.includes(tap) === true;
        return plugged ? [{ node: name, interface: port.name }] : [];
      }),
    ),
    segments: plan.segments.map(({ name }) => name).filter(isThere),
  };
}
