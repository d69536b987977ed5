/** Whether the whole lab fits: memory and disk, and the images its guests are copied from. */
import { count } from "../../count.ts";
import type { Plan } from "../../plan/model.ts";
import type { HostFinding } from "../driver.ts";
import type { Owner } from "./conf.ts";
import { imageOf, type Machine, machinesOf } from "./guests.ts";
import type { VmHost } from "./host.ts";
import { currentOf, type ImageSeen, isCopied } from "./images/look.ts";
import type { Inventory } from "./inventory.ts";
import { vmDir } from "./place.ts";

/** What FreeBSD itself is left with. */
const reserveMiB = 1024;
/** What an image takes at least, and so the disk of a guest that is a copy of one: they are sparse. */
const imageGiB = 1;
/** What a guest writes on a disk that is a clone: in its first boot, and until somebody fills it on purpose. */
const writtenGiB = { least: 0.25, usual: 1 };

export async function probeRoom(
  host: VmHost,
  owner: Owner,
  plan: Plan,
  inventory: Inventory,
  images: readonly ImageSeen[],
): Promise<readonly HostFinding[]> {
  return Promise.all([probeMemory(host, owner, plan, inventory), probeDisk(host, owner, plan, inventory, images)]);
}

/** bhyve gives no memory back and swaps badly, so guests of others that run count as well. */
async function probeMemory(host: VmHost, owner: Owner, plan: Plan, inventory: Inventory): Promise<HostFinding> {
  const what = "memory";
  const physical = Number((await host.run(["sysctl", "-n", "hw.physmem"], { timeoutMs: 10_000 })).stdout) / 1024 / 1024;
  const wanted = sum(plan.nodes.map(({ machine }) => machine?.memoryMiB ?? 0));
  const others = inventory.guests.filter((guest) => guest.running && guest.owner !== owner);
  const taken = Math.ceil(sum(others.map(({ memoryMiB }) => memoryMiB)));
  if (wanted + taken + reserveMiB <= physical) return { what, status: "good" };
  const elsewhere = taken === 0 ? "" : `, ${count(others.length, "other guest")} ${taken} MiB`;
  return {
    what,
    status: "missing",
    consequence: `the lab wants ${wanted} MiB${elsewhere}, the host ${reserveMiB} MiB, and there are ${Math.floor(physical)} MiB`,
    fix: "a smaller topology, or fewer guests beside it",
  };
}

/** Only guests that are not there yet need room, and images that are to be placed. */
async function probeDisk(
  host: VmHost,
  owner: Owner,
  plan: Plan,
  inventory: Inventory,
  images: readonly ImageSeen[],
): Promise<HostFinding> {
  const what = "disk";
  const present = new Set(inventory.guests.filter((guest) => guest.owner === owner).map(({ name }) => name));
  const all = machinesOf(plan, new Set(plan.nodes.map(({ name }) => name)));
  const missing = all.filter(({ name }) => !present.has(name));
  const cloned = host.dataset === undefined ? [] : images.filter((seen) => !isCopied(seen));
  const isClone = ({ node }: Machine) => cloned.some(({ image }) => image.name === imageOf(node.kind));
  const [clones, copies] = [missing.filter(isClone), missing.filter((machine) => !isClone(machine))];
  const placed = cloned.filter((seen) => currentOf(seen) === undefined).length * imageGiB;
  const full = placed + clones.length * writtenGiB.usual + sum(copies.map(({ node }) => node.machine?.diskGiB ?? 0));
  const { stdout } = await host.run(["df", "-Pk", vmDir], { timeoutMs: 10_000 });
  const free = Number(stdout.trim().split("\n").at(-1)?.split(/\s+/)[3] ?? 0) / 1024 / 1024;
  if (full <= free) return { what, status: "good" };
  const least = Math.ceil(placed + clones.length * writtenGiB.least + copies.length * imageGiB);
  const consequence = `${count(missing.length, "guest")} ${missing.length === 1 ? "wants" : "want"} up to ${full} GiB in ${host.vmDir}, and ${Math.floor(free)} GiB are free`;
  return least <= free
    ? {
        what,
        status: "fallback",
        consequence: `${consequence}: their disks ${copies.length === 0 ? "are clones" : "are sparse"}, and may fill the host's`,
      }
    : { what, status: "missing", consequence, fix: `at least ${least} GiB free in ${host.vmDir}` };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
