/** Whether the whole lab fits: memory and disk, and the images its guests are copied from. */
import type { Plan } from "../../plan/model.ts";
import type { HostFinding } from "../driver.ts";
import type { Owner } from "./conf.ts";
import { machinesOf } from "./guests.ts";
import type { VmHost } from "./host.ts";
import type { Inventory } from "./inventory.ts";
import { vmDir } from "./place.ts";

/** What FreeBSD itself is left with. */
const reserveMiB = 1024;
/** What a guest's disk takes at least: images are copied, and sparse. */
const leastGiB = 1;

export async function probeRoom(
  host: VmHost,
  owner: Owner,
  plan: Plan,
  inventory: Inventory,
): Promise<readonly HostFinding[]> {
  return Promise.all([probeMemory(host, owner, plan, inventory), probeDisk(host, owner, plan, inventory)]);
}

/** bhyve gives no memory back and swaps badly, so guests of others that run count as well. */
async function probeMemory(host: VmHost, owner: Owner, plan: Plan, inventory: Inventory): Promise<HostFinding> {
  const what = "memory";
  const physical = Number((await host.run(["sysctl", "-n", "hw.physmem"], { timeoutMs: 10_000 })).stdout) / 1024 / 1024;
  const wanted = sum(plan.nodes.map(({ machine }) => machine?.memoryMiB ?? 0));
  const others = inventory.guests.filter((guest) => guest.running && guest.owner !== owner);
  const taken = Math.ceil(sum(others.map(({ memoryMiB }) => memoryMiB)));
  if (wanted + taken + reserveMiB <= physical) return { what, status: "good" };
  const elsewhere = taken === 0 ? "" : `, ${others.length} other guests ${taken} MiB`;
  return {
    what,
    status: "missing",
    consequence: `the lab wants ${wanted} MiB${elsewhere}, the host ${reserveMiB} MiB, and there are ${Math.floor(physical)} MiB`,
    fix: "a smaller topology, or fewer guests beside it",
  };
}

/** Only guests that are not there yet need room. */
async function probeDisk(host: VmHost, owner: Owner, plan: Plan, inventory: Inventory): Promise<HostFinding> {
  const what = "disk";
  const present = new Set(inventory.guests.filter((guest) => guest.owner === owner).map(({ name }) => name));
  const all = machinesOf(plan, new Set(plan.nodes.map(({ name }) => name)));
  const missing = all.filter(({ name }) => !present.has(name));
  const full = sum(missing.map(({ node }) => node.machine?.diskGiB ?? 0));
  const { stdout } = await host.run(["df", "-Pk", vmDir], { timeoutMs: 10_000 });
  const free = Number(stdout.trim().split("\n").at(-1)?.split(/\s+/)[3] ?? 0) / 1024 / 1024;
  if (full <= free) return { what, status: "good" };
  const least = missing.length * leastGiB;
  const consequence = `${missing.length} guests want up to ${full} GiB in ${host.vmDir}, and ${Math.floor(free)} GiB are free`;
  return least <= free
    ? { what, status: "fallback", consequence: `${consequence}: their disks are sparse, and may fill the host's` }
    : { what, status: "missing", consequence, fix: `at least ${least} GiB free in ${host.vmDir}` };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
