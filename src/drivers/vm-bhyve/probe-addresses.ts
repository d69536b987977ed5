/**
 * Whether the lab's networks are free on the host. Its switches carry addresses of the host itself and lead routes, in the
 * one routing table that everything on the host uses: an overlap would cut off somebody, perhaps the user.
 */
import type { Plan } from "../../plan/model.ts";
import type { HostFinding } from "../driver.ts";
import type { VmHost } from "./host.ts";
import { listInterfaces } from "./interfaces.ts";
import { type Inventory, oursOf } from "./inventory.ts";
import { tagGroup } from "./tags.ts";
import type { Owner } from "./conf.ts";

interface Net {
  readonly shown: string;
  readonly first: number;
  readonly length: number;
}

export async function probeAddresses(
  host: VmHost,
  owner: Owner,
  plan: Plan,
  inventory: Inventory,
): Promise<readonly HostFinding[]> {
  const what = "networks";
  const ours = new Set(oursOf(inventory, owner).switches.map(tagGroup));
  const others = (await listInterfaces(host)).filter(({ groups }) => !groups.some((group) => ours.has(group)));
  const taken = others.flatMap(({ name, addresses }) => addresses.map((address) => ({ name, net: netOf(address) })));
  const clashes = wantedOf(plan).flatMap((wanted) => {
    const clash = taken.find(({ net }) => overlaps(netOf(wanted), net));
    return clash === undefined ? [] : [`${wanted} is on ${clash.name} (${clash.net.shown})`];
  });
  if (clashes.length === 0) return [{ what, status: "good" }];
  const fix = "another network in the topology: defaults.management, a network's or a VLAN's subnet";
  return [{ what, status: "missing", consequence: clashes.join(", "), fix }];
}

/** Networks of the host's own addresses in the lab, and what it routes into the lab. */
function wantedOf({ management, segments, nodes }: Plan): readonly string[] {
  const hosts = nodes.filter(({ guest }) => guest.os === "host");
  return [
    ...(segments.some(({ kind }) => kind === "management") ? [management.host] : []),
    ...hosts.flatMap(({ interfaces }) => interfaces.flatMap(({ address }) => address ?? [])),
    ...hosts.flatMap(({ routes }) => routes.map(({ to }) => to)),
  ];
}

function netOf(shown: string): Net {
  const [address = "", length = "32"] = shown.split("/");
  return {
    shown,
    first: address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0),
    length: Number(length),
  };
}

function overlaps(one: Net, other: Net): boolean {
  const size = 2 ** (32 - Math.min(one.length, other.length));
  return Math.floor(one.first / size) === Math.floor(other.first / size);
}
