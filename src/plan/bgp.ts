/** Who speaks BGP with whom, and what starts where. */
import type { Role } from "../kinds/kind.ts";
import { addressAt, type Fabric, firstAddress, interfacesOf, subnetOfAddress } from "./fabric.ts";
import type { Bgp, Interface, Neighbor, Route } from "./model.ts";

/** The neighbor group by own role and the peer's; pairs that are missing here do not peer. */
const groups: Partial<Record<Role, Partial<Record<Role, Neighbor["group"]>>>> = {
  spine: { leaf: "fabric", edge: "edge" },
  leaf: { spine: "fabric", edge: "edge", server: "anycast" },
  edge: { spine: "edge", leaf: "edge" },
  server: { leaf: "leaf" },
};

/** BGP of one node; undefined where it speaks none. */
export function bgpOf(fabric: Fabric, node: string, routes: readonly Route[]): Bgp | undefined {
  const asn = fabric.asns.get(node);
  const role = fabric.nodes.get(node)?.role;
  if (asn === undefined || role === undefined) return undefined;
  const routerId = role === "server" ? undefined : (fabric.loopbacks.get(node) ?? firstAddress(fabric, node));
  return {
    asn,
    ...(routerId !== undefined && { routerId }),
    neighbors: interfacesOf(fabric, node).flatMap((port) => neighborOn(fabric, role, port) ?? []),
    announces: announcesOf(fabric, node, role, routes),
    originatesDefault: role === "edge",
  };
}

function neighborOn(fabric: Fabric, role: Role, port: Interface): Neighbor | undefined {
  const { peer } = port;
  const peerRole = peer && fabric.nodes.get(peer.node)?.role;
  const remoteAsn = peer && fabric.asns.get(peer.node);
  if (peer === undefined || peerRole === undefined || remoteAsn === undefined || port.purpose === "access") {
    return undefined;
  }
  const group = groups[role]?.[peerRole];
  if (group === undefined) return undefined;
  const address = addressAt(fabric, peer);
  return {
    group,
    interface: port.name,
    ...(address !== undefined && { address }),
    remoteAsn,
    remote: peer,
    byPlaybook: group === "anycast",
  };
}

/**
 * A server announces its services, a leaf its loopback and its VLANs, spines and leaves also the networks that hang on
 * them. The edge announces no more than its loopback: its default route covers what is behind it.
 */
function announcesOf(fabric: Fabric, node: string, role: Role, routes: readonly Route[]): readonly string[] {
  const { services, vlans } = fabric.topology;
  if (role === "server") return services.filter(({ servers }) => servers.includes(node)).map(({ prefix }) => prefix);
  const loopback = fabric.loopbacks.get(node);
  const own = loopback === undefined ? [] : [`${loopback}/32`];
  if (role === "edge") return own;
  const carried = role === "leaf" ? vlans.map(({ subnet }) => subnetOfAddress(subnet)) : [];
  const behind = routes.map(({ to }) => to);
  return [...new Set([...own, ...carried, ...attachedSubnets(fabric, node), ...behind])];
}

/** Networks, and numbered links to nodes that speak no BGP: nobody else would announce them. */
function attachedSubnets(fabric: Fabric, node: string): readonly string[] {
  return interfacesOf(fabric, node).flatMap(({ purpose, address, peer }) => {
    const attached = purpose === "network" || (purpose === "numbered" && peer && !fabric.asns.has(peer.node));
    return attached && address !== undefined ? [subnetOfAddress(address)] : [];
  });
}
