/** The hypervisor of the article: FreeBSD with vm-bhyve. Switches first, then guests; files decide what is true. */
import { HostError } from "../../errors.ts";
import type { Node, Plan } from "../../plan/model.ts";
import { guestName } from "../../plan/names.ts";
import type { Clock } from "../../system/clock.ts";
import type { Driver, Observation, Receipt } from "../driver.ts";
import type { Owner } from "./conf.ts";
import { findVmDir, type Host, notConfigured, type VmHost, withVmDir } from "./host.ts";
import type { ImageCache } from "./images/cache.ts";
import { placeImages } from "./images/place.ts";
import { listInterfaces, tapOwner } from "./interfaces.ts";
import { takeInventory } from "./inventory.ts";
import { limitTo } from "./limit.ts";
import { performAct, type Performer } from "./perform.ts";
import { probeHost } from "./probe.ts";
import { tagGroup } from "./tags.ts";
import { tearDown } from "./teardown.ts";
import { type Timing, usualTiming } from "./timing.ts";
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
  const { host, clock, owner, timing = usualTiming } = options;
  const owned = { owner, timing };
  const limit = limitTo(options.parallel ?? usualParallel);
  let found: Promise<VmHost | undefined> | undefined;
  const look = () => (found ??= findVmDir(host).then((vmDir) => (vmDir && withVmDir(host, vmDir)) || undefined));
  const performer = async (): Promise<Performer> => {
    const vmHost = await look();
    if (vmHost === undefined) throw notConfigured();
    return { host: vmHost, owner, clock, limit };
  };

  return {
    name: "vm-bhyve",
    probe: (plan) => probeHost(host, owner, plan, options.images),
    async placeImages(plan, onProgress) {
      if (options.images === undefined) return;
      await placeImages((await performer()).host, plan, options.images, onProgress);
    },
    build: (build) => buildWaves(owned, build),
    remove: (removal) => removeWaves(owned, removal),
    removeAll: (plan) => teardownWaves(owned, holdingsOf(plan)),
    perform: async (act, signal) => performAct(await performer(), act, signal),
    async observe(plan) {
      const vmHost = await look();
      return vmHost === undefined ? nothing : observe(vmHost, owner, plan);
    },
    async destroy(): Promise<Receipt> {
      return tearDown(await performer(), owned);
    },
    proxy: (node) => refuseFar(node),
    // Addresses need no proxy, and whoever has them when the lab is gone does not have the host keys that are pinned.
    lastingProxy: (node) => refuseFar(node),
    onHost: (argv) => argv,
  };
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
  const guests = plan.nodes.filter(({ name }) => alive.has(guestName(plan.tag, name)));
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

/** Addresses of the management network and, where the hypervisor has a place on the LAN, those behind it are on its routes. */
function refuseFar({ name, reach }: Node): undefined {
  if (reach.via !== "in-band" || reach.from === "hypervisor") return undefined;
  throw new HostError({
    code: "E_NOT_REACHED",
    message: `${name} can only be reached by way of ${reach.from ?? "another node"}, which this version of lab cannot do on vm-bhyve`,
    hint: "give the topology a client of kind hypervisor on its network",
  });
}
