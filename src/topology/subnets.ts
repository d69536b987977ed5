/** Every subnet of a lab, with what it is for: rules about addresses go through this list. */
import type { Path } from "./finding.ts";
import { subnetOf, type Subnet } from "./ipv4.ts";
import { usualPools } from "./normalise.ts";
import type { Topology } from "./topology.ts";

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
