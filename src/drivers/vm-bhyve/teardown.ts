/** `lab down`: the same acts as printed, for what is found rather than planned; then a look at what is left. */
import { LabError } from "../../errors.ts";
import type { Receipt } from "../driver.ts";
import type { VmHost } from "./host.ts";
import { findBridge, listInterfaces, tapOwner } from "./interfaces.ts";
import { oursOf, takeInventory } from "./inventory.ts";
import { performAct, type Performer } from "./perform.ts";
import { placeOf, recordOf, templateOf } from "./place.ts";
import { type Holdings, type Owned, teardownWaves } from "./waves.ts";

export async function tearDown(performer: Performer, owned: Owned): Promise<Receipt> {
  const before = await findOurs(performer);
  const complaints: string[] = [];
  for (const wave of teardownWaves(owned, before)) {
    // What fails here tells why something is left; where nothing is, it was no failure.
    const outcomes = await Promise.allSettled(wave.map((act) => performAct(performer, { ...act, mayFail: false })));
    for (const outcome of outcomes) if (outcome.status === "rejected") complaints.push(sayWhy(outcome.reason));
  }
  const left = await findLeft(performer, before);
  return {
    removed: { guests: before.guests.length, switches: before.switches.length },
    left: left.length === 0 ? [] : [...left, ...complaints],
  };
}

/** A bug of ours is not a complaint of the hypervisor. */
function sayWhy(reason: unknown): string {
  if (reason instanceof LabError) return reason.message;
  throw reason;
}

/** Marked guests, claimed directories, and claimed switches of which the configuration or the bridge exists. */
async function findOurs({ host, owner }: Performer): Promise<Holdings> {
  const inventory = await takeInventory(host, owner);
  const ours = oursOf(inventory, owner);
  const others = (inventory.record?.switches ?? []).filter((name) => !ours.switches.includes(name));
  const bridges = await Promise.all(others.map((name) => findBridge(host, name)));
  return {
    guests: ours.guests,
    switches: [...ours.switches, ...others.filter((_, index) => bridges[index] !== undefined)],
  };
}

async function findLeft(performer: Performer, before: Holdings): Promise<readonly string[]> {
  const { host, owner } = performer;
  const [now, taps, datasets] = await Promise.all([
    findOurs(performer),
    listInterfaces(host, "vm-port"),
    listDatasets(host),
  ]);
  const vmms = await Promise.all(before.guests.map((name) => host.exists(placeOf(name).vmm)));
  const files = [templateOf(owner), recordOf(owner)];
  const there = await Promise.all(files.map((path) => host.exists(path)));
  return [
    ...(await Promise.all(now.guests.map((name) => describeGuest(performer, name)))),
    ...now.switches.map((name) => `switch ${name}`),
    ...taps.filter((tap) => before.guests.includes(tapOwner(tap)?.guest ?? "")).map(({ name }) => `interface ${name}`),
    ...before.guests
      .filter((name) => !now.guests.includes(name))
      .map((name) => host.resolve(placeOf(name).dataset))
      .filter((dataset) => datasets.includes(dataset))
      .map((dataset) => `dataset ${dataset}: zfs destroy -r ${dataset}, if nothing in it is wanted`),
    ...before.guests.filter((_, index) => vmms[index] === true).map((name) => placeOf(name).vmm),
    ...files.filter((_, index) => there[index] === true).map((path) => host.resolve(path)),
  ];
}

/** Where `vm` has ZFS: one that is mounted nowhere holds a guest all the same. */
async function listDatasets(host: VmHost): Promise<readonly string[]> {
  if (host.dataset === undefined) return [];
  const argv = ["zfs", "list", "-H", "-t", "filesystem", "-o", "name", "-r", host.dataset];
  return (await host.run(argv, { timeoutMs: 10_000 })).stdout.split("\n");
}

async function describeGuest({ host }: Performer, name: string): Promise<string> {
  const { lock } = placeOf(name);
  const holder = await host.read(lock);
  if (holder === undefined) return `guest ${name}`;
  return `guest ${name}, locked by ${holder.trim() || "nobody"}: if it runs nowhere, rm ${host.resolve(lock)}`;
}
