/** Every subnet of a lab, with what it is for: rules about addresses go through this list. */
import type { Path } from "./mistake.ts";
import { broadcastAddress, containsAddress, networkAddress, subnetOf, type Subnet } from "./ipv4.ts";
import { usualPools } from "./normalise.ts";
import type { Topology } from "./topology.ts";

/** A subnet and who has it. */
export interface UsedSubnet {
  readonly path: Path;
  /** `VLAN vlan100`, `the link spine01–edge01`. */
  readonly owner: string;
  readonly text: string;
  readonly subnet: Subnet;
}

/** In the order of a file, but pools that nobody need have written first: what overlaps them is the mistake. */
export function usedSubnets({ defaults, links, networks, vlans }: Topology): readonly UsedSubnet[] {
  const pools = [
    used(["defaults", "loopbacks"], "the loopback pool", defaults.loopbacks),
    used(["defaults", "management"], "the management network", defaults.management),
  ];
  const isUsual = ({ text }: UsedSubnet) => text === usualPools.loopbacks || text === usualPools.management;
  return [
    ...pools.filter(isUsual),
    ...pools.filter((pool) => !isUsual(pool)),
    ...links.flatMap(({ ends, subnet }, index) =>
      subnet === undefined ? [] : used(["links", index, "subnet"], `the link ${ends[0].node}–${ends[1].node}`, subnet),
    ),
    ...networks.map(({ name, subnet }) => used(["networks", name, "subnet"], `network ${name}`, subnet)),
    ...vlans.map(({ name, subnet }) => used(["vlans", name, "subnet"], `VLAN ${name}`, subnet)),
  ];
}

function used(path: Path, owner: string, text: string): UsedSubnet {
  return { path, owner, text, subnet: subnetOf(text) };
}

/** Neighbours in order of address that share addresses, the one that is later in the file first. */
export function overlappingPairs(written: readonly UsedSubnet[]): readonly (readonly [UsedSubnet, UsedSubnet])[] {
  const order = new Map(written.map((subnet, index) => [subnet, index]));
  const isLater = (one: UsedSubnet, other: UsedSubnet) => (order.get(one) ?? 0) > (order.get(other) ?? 0);
  return sweep(written).flatMap(({ next, furthest }): readonly (readonly [UsedSubnet, UsedSubnet])[] => {
    if (next === furthest || networkAddress(next.subnet) > broadcastAddress(furthest.subnet)) return [];
    return [isLater(next, furthest) ? [next, furthest] : [furthest, next]];
  });
}

/** Finds a subnet that contains an address, in logarithmic time. */
export function subnetFinder(written: readonly UsedSubnet[]): (address: number) => UsedSubnet | undefined {
  const sorted = sweep(written);
  return (address) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const candidate = sorted[middle];
      if (candidate !== undefined && networkAddress(candidate.next.subnet) <= address) low = middle + 1;
      else high = middle;
    }
    const before = sorted[low - 1];
    return [before?.next, before?.furthest].find((near) => near && containsAddress(near.subnet, address));
  };
}

/** In order of network address, each with the one before it (or itself, if first) that ends furthest. */
function sweep(written: readonly UsedSubnet[]): readonly { next: UsedSubnet; furthest: UsedSubnet }[] {
  const sorted = written.toSorted((one, other) => networkAddress(one.subnet) - networkAddress(other.subnet));
  let furthest: UsedSubnet | undefined;
  return sorted.map((next) => {
    const before = furthest ?? next;
    const swept = { next, furthest: before };
    furthest = broadcastAddress(next.subnet) > broadcastAddress(before.subnet) ? next : before;
    return swept;
  });
}
