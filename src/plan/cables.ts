/** Every segment with what is plugged into it: each link, network and the management network of the topology, spelled out. */
import type { Role } from "../kinds/kind.ts";
import { findKind } from "../kinds/registry.ts";
import { linkAddresses, nthAddressWithLength, subnetOf } from "../topology/ipv4.ts";
import type { Topology, TopologyEnd, TopologyLink } from "../topology/topology.ts";
import { keyOf } from "./end.ts";
import type { Interface, Segment } from "./model.ts";
import { ethernetMtu, linkMtu, measureMtus } from "./mtu.ts";
import { nameSegments } from "./names.ts";

/** One port and what its segment makes of it. */
export interface CableEnd extends Pick<Interface, "purpose" | "address" | "dhcp" | "vlan"> {
  readonly node: string;
  readonly interface: string;
}

/** A segment whose ends know what they are for. */
export interface Cable extends Omit<Segment, "ends"> {
  readonly ends: readonly CableEnd[];
}

/** Addresses that were derived before: with prefix length, by node (management) or by `node:interface` (leases). */
export interface Derived {
  readonly management: ReadonlyMap<string, string>;
  readonly leases: ReadonlyMap<string, string>;
}

/** Management first, then networks, then links, each in the order of the topology. */
export function layCables(topology: Topology, tag: string, derived: Derived): readonly Cable[] {
  const names = nameSegments(topology, tag);
  const mtus = measureMtus(topology);
  const roles = new Map(topology.nodes.map((node) => [node.name, node.role]));
  const networks = topology.networks.map((network, index): Cable => ({
    name: names.networks[index] ?? network.name,
    kind: "network",
    mtu: ethernetMtu,
    ends: network.members.map(({ host, ...end }) => ({
      ...end,
      purpose: "network",
      address: nthAddressWithLength(network.subnet, host),
    })),
  }));
  const links = topology.links.map((link, index): Cable => {
    const purpose = purposeOf(link, roles);
    return {
      name: names.links[index] ?? "",
      kind: "link",
      mtu: linkMtu(mtus, link, purpose),
      ends: link.ends.map((end, side) => endOf(link, end, side, purpose, derived.leases)),
    };
  });
  return [...layManagement(topology, names.management, derived.management), ...networks, ...links];
}

function layManagement(topology: Topology, name: string, addresses: ReadonlyMap<string, string>): readonly Cable[] {
  const ends = topology.nodes.flatMap((node): CableEnd[] => {
    const port = findKind(node.kind)?.ports.management;
    const address = addresses.get(node.name);
    if (port === undefined || address === undefined) return [];
    return [{ node: node.name, interface: port, purpose: "management", address }];
  });
  return ends.length === 0 ? [] : [{ name, kind: "management", mtu: ethernetMtu, ends }];
}

/** A subnet makes a link numbered, a VLAN makes it an access link; what is left is BGP unnumbered. */
function purposeOf(link: TopologyLink, roles: ReadonlyMap<string, Role>): Interface["purpose"] {
  if (link.subnet !== undefined) return "numbered";
  if (link.vlan !== undefined) return "access";
  return link.ends.some((end) => roles.get(end.node) === "server") ? "anycast" : "fabric";
}

function endOf(
  link: TopologyLink,
  { node, interface: port }: TopologyEnd,
  side: number,
  purpose: Interface["purpose"],
  leases: ReadonlyMap<string, string>,
): CableEnd {
  const end = { node, interface: port };
  const lease = leases.get(keyOf(end));
  return {
    ...end,
    purpose,
    ...(link.subnet !== undefined && {
      address: `${linkAddresses(link.subnet)[side]}/${subnetOf(link.subnet).length}`,
    }),
    ...(lease !== undefined && { dhcp: lease }),
    ...(link.vlan !== undefined && { vlan: link.vlan }),
  };
}
