/**
 * MTUs. Both ends of a segment always have the same: BGP and BFD would survive a difference, but a large packet would
 * vanish without an ICMP error in one direction. Access and anycast ports are as wide as the VLAN's hosts, since a reply
 * leaves a server by its access port whatever port the request came in by.
 */
import type { Topology, TopologyLink } from "../topology/topology.ts";
import type { Purpose } from "./model.ts";

/** Ethernet's own: clients, the LAN and the management network. */
export const ethernetMtu = 1500;
/** What VXLAN over IPv4 adds: outer IPv4 20, UDP 8, VXLAN 8, inner Ethernet 14 (RFC 7348). */
const vxlanOverhead = 50;
/** The kernel takes IPv6, and with it unnumbered BGP, off an interface below this (RFC 8200). */
const leastIpv6Mtu = 1280;

/** In bytes of IP packet, as interfaces have them. */
export interface Mtus {
  /** MTU of links that say nothing else: fabric and numbered ones. */
  readonly fabric: number;
  /** MTU of hosts by VLAN name: 1500 if every leaf–spine link carries that inside VXLAN, else what fits. */
  readonly vlans: ReadonlyMap<string, number>;
  /** MTU of unnumbered links to servers. */
  readonly anycast: number;
}

/** The narrowest link between switches decides for all VLANs: EVPN may take any way. */
export function measureMtus(topology: Topology): Mtus {
  const fabric = topology.defaults.mtu;
  const switches = new Set(
    topology.nodes.filter(({ role }) => role === "spine" || role === "leaf").map((node) => node.name),
  );
  const narrowest = Math.min(
    fabric,
    ...topology.links.flatMap((link) => (link.ends.every((end) => switches.has(end.node)) ? (link.mtu ?? []) : [])),
  );
  const widest = Math.min(ethernetMtu, narrowest - vxlanOverhead);
  const vlans = new Map(topology.vlans.map((vlan) => [vlan.name, widest]));
  for (const link of topology.links) {
    const host = link.vlan === undefined ? undefined : vlans.get(link.vlan);
    if (link.vlan !== undefined && host !== undefined && link.mtu !== undefined) {
      vlans.set(link.vlan, Math.min(host, link.mtu));
    }
  }
  return { fabric, vlans, anycast: Math.max(leastIpv6Mtu, Math.min(ethernetMtu, fabric, ...vlans.values())) };
}

/** The MTU of both ends of a link. A narrow access link narrows its whole VLAN: one broadcast domain, one MTU. */
export function linkMtu(mtus: Mtus, link: TopologyLink, purpose: Purpose): number {
  if (purpose === "access") return mtus.vlans.get(link.vlan ?? "") ?? ethernetMtu;
  return link.mtu ?? (purpose === "anycast" ? mtus.anycast : mtus.fabric);
}
