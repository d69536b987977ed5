/**
 * Static routes. BGP speakers know the fabric; what they cannot learn is behind a router that speaks no BGP, and such a
 * router and the clients know nothing but what stands here.
 */
import { hypervisorKind } from "../kinds/hypervisor.ts";
import type { TopologyNode } from "../topology/topology.ts";
import { addressAt, type Fabric, ownSubnets, subnetOfAddress } from "./fabric.ts";
import type { Route } from "./model.ts";
import { searchFrom } from "./paths.ts";

const everything = "0.0.0.0/0";

/** The routes of one node: those the topology gives, then the derived ones to other destinations. */
export function routesOf(fabric: Fabric, node: TopologyNode): readonly Route[] {
  const unique = new Map<string, Route>();
  for (const route of [...node.routes, ...deriveRoutes(fabric, node)]) {
    if (!unique.has(route.to)) unique.set(route.to, route);
  }
  return [...unique.values()];
}

function deriveRoutes(fabric: Fabric, node: TopologyNode): readonly Route[] {
  const { name, role, kind } = node;
  if (role === "server") return [];
  if (fabric.asns.has(name)) return routesBehind(fabric, name);
  const gateway = gatewayFor(fabric, node);
  if (gateway === undefined) return role === "router" ? routesOfRouter(fabric, name) : [];
  // The hypervisor is somebody's machine: its own default route is never touched.
  return kind === hypervisorKind.name ? routesToAll(fabric, name, gateway) : [{ to: everything, via: gateway }];
}

/**
 * The address of the default gateway: that of the first network the node is a member, but not the gateway, of. Without
 * one, a host takes the router its own link leads to, and a router does without a default route.
 */
function gatewayFor(fabric: Fabric, { name, role }: TopologyNode): string | undefined {
  const network = fabric.topology.networks.find(
    ({ gateway, members }) =>
      gateway !== undefined && gateway !== name && members.some((member) => member.node === name),
  );
  const member = network?.members.find((candidate) => candidate.node === network.gateway);
  if (member !== undefined) return addressAt(fabric, member);
  return role === "router" ? undefined : searchFrom(fabric, name)[0]?.via;
}

/** What is behind the static routers next to a node: the edge's way back to the LAN of the clients. */
function routesBehind(fabric: Fabric, node: string): readonly Route[] {
  const own = new Set(ownSubnets(fabric, node));
  return searchFrom(fabric, node)
    .filter((hop) => !fabric.asns.has(hop.node))
    .flatMap((hop) => ownSubnets(fabric, hop.node).map((to) => ({ to, via: hop.via })))
    .filter(({ to }) => !own.has(to));
}

/** A static router knows its neighbours' subnets by their own way, and everything else by the nearest speaker. */
function routesOfRouter(fabric: Fabric, node: string): readonly Route[] {
  const uplink = searchFrom(fabric, node).find((hop) => fabric.asns.has(hop.node));
  const behind = routesBehind(fabric, node);
  return uplink === undefined ? behind : [...behind, ...routesToAll(fabric, node, uplink.via)];
}

/** One route to each thing there is in the lab beyond the node's own subnets. */
function routesToAll(fabric: Fabric, node: string, via: string): readonly Route[] {
  const { services, vlans, networks, links, defaults } = fabric.topology;
  const own = new Set(ownSubnets(fabric, node));
  const all = [
    ...services.map(({ prefix }) => prefix),
    ...vlans.map(({ subnet }) => subnetOfAddress(subnet)),
    subnetOfAddress(defaults.loopbacks),
    ...networks.map(({ subnet }) => subnetOfAddress(subnet)),
    ...links.flatMap(({ subnet }) => (subnet === undefined ? [] : [subnetOfAddress(subnet)])),
  ];
  return all.filter((to) => !own.has(to)).map((to) => ({ to, via }));
}
