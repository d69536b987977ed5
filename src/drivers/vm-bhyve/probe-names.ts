/** Whether a lab's host-wide names are free: guests, switches, and the tags by which switches find their bridges. */
import type { Plan } from "../../plan/model.ts";
import type { HostFinding } from "../driver.ts";
import type { Owner } from "./conf.ts";
import type { VmHost } from "./host.ts";
import { type Inventory, oursOf, takenNames } from "./inventory.ts";
import { placeOf } from "./place.ts";
import { tagCollisions, tagOf } from "./tags.ts";
import { holdingsOf } from "./waves.ts";

/** vm-bhyve's rule for names (contract, section 2), and short enough for FreeBSD's kernel. */
const namePattern = /^[a-z0-9][.a-z0-9_-]{0,60}[a-z0-9]$/i;

export async function probeNames(
  host: VmHost,
  owner: Owner,
  plan: Plan,
  inventory: Inventory,
): Promise<readonly HostFinding[]> {
  const wanted = holdingsOf(plan);
  const ours = oursOf(inventory, owner);
  const foreign = inventory.switches.filter(({ name }) => !ours.switches.includes(name));
  const others = [...foreign.map(({ name }) => name), ...foreign.flatMap(({ ports }) => ports)];
  const another = "lab up --name OTHER, whose names have a tag of their own";
  const vmms = await Promise.all(wanted.guests.map((name) => host.exists(placeOf(name).vmm)));
  const findings: HostFinding[] = [
    ...takenNames(inventory, owner, wanted).map(({ what, why, fix }) => missing(what, why, fix)),
    ...wanted.guests
      .filter((name, index) => vmms[index] === true && !inventory.guests.some((guest) => guest.name === name))
      .map((name) => missing(`guest ${name}`, `${placeOf(name).vmm} exists, and is not vm-bhyve's`, another)),
    ...tagCollisions(wanted.switches, others).map(([one, other]) =>
      missing(`switch ${one}`, `has the tag ${tagOf(one)} of ${other}: they would share one bridge`, another),
    ),
    ...[...wanted.guests, ...wanted.switches]
      .filter((name) => !namePattern.test(name))
      .map((name) => missing(`name ${name}`, "vm-bhyve refuses it", "another name in the topology")),
  ];
  return findings.length > 0 ? findings : [{ what: "names and tags", status: "good" }];
}

function missing(what: string, consequence: string, fix: string): HostFinding {
  return { what, status: "missing", consequence, fix };
}
