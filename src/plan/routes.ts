/**
 * Static routes. BGP speakers know the fabric; what they cannot learn is behind a router that speaks no BGP, and such a
 * router and the clients know nothing but what stands here.
 */
import { containsAddress, addressOf, formatSubnet, networkAddress, subnetOf } from "../topology/ipv4.ts";
import { type Fabric, interfacesOf, withoutLength } from "./fabric.ts";
import type { Interface, Route } from "./model.ts";

const everything = "0.0.0.0/0";

/** The routes of one node: those the topology gives, then the derived ones to other destinations. */
export function routesOf(fabric: Fabric, node: string): readonly Route[] {
  const { role, kind, routes } = fabric.nodes.get(node) ?? { role: "client", kind: "", routes: [] };
  const gateway = fabric.asns.has(node) ? undefined : gatewayFor(fabric, node);
  const derived = () => {
    if (fabric.asns.has(node)) return role === "server" ? [] : routesBehind(fabric, node);
    // The hypervisor is somebody's machine: its own default route is never touched.
    if (gateway !== undefined)
      return kind === "hypervisor" ? routesToAll(fabric, node, gateway) : [defaultRoute(gateway)];
    return role === "router" ? routesOfRouter(fabric, node) : [];
  };
  const unique = new Map<string, Route>();
  for (const route of [...routes, ...derived()]) if (!unique.has(route.to)) unique.set(route.to, route);
  return [...unique.values()];
}

/** Subnets this node is plugged into with a static address, management excepted. */
export function ownSubnets(fabric: Fabric, node: string): readonly string[] {
  return interfacesOf(fabric, node).flatMap(({ purpose, address }) =>
    address === undefined || purpose === "management" ? [] : [subnetOfAddress(address)],
  );
}

/** `10.0.3.1/30` → `10.0.3.0/30`. */
export function subnetOfAddress(address: string): string {
  const subnet = subnetOf(address);
  return formatSubnet({ ...subnet, address: networkAddress(subnet) });
}

function defaultRoute(via: string): Route {
  return { to: everything, via };
}

/** The address of the default gateway: that of the first network the node is a member, but not the gateway, of. */
function gatewayFor(fabric: Fabric, node: string): string | undefined {
  const network = fabric.topology.networks.find(
    ({ gateway, members }) =>
      gateway !== undefined && gateway !== node && members.some((member) => member.node === node),
  );
  const member = network?.members.find((candidate) => candidate.node === network.gateway);
  const port = member && interfacesOf(fabric, member.node).find(({ name }) => name === member.interface);
  return port?.address === undefined ? undefined : withoutLength(port.address);
}

/** A node that can be reached, and the address of the first step towards it. */
interface Hop {
  readonly node: string;
  readonly via: string;
}

/** Every router and speaker on the same subnets, with its address there. */
function neighboursOf(fabric: Fabric, node: string): readonly Hop[] {
  const ports = interfacesOf(fabric, node);
  return [
    ...ports.flatMap((port) => acrossLink(fabric, port)),
    ...ports.flatMap((port) => acrossNetwork(fabric, node, port)),
  ];
}

function acrossLink(fabric: Fabric, { purpose, peer }: Interface): readonly Hop[] {
  if (purpose !== "numbered" || peer === undefined) return [];
  const address = interfacesOf(fabric, peer.node).find(({ name }) => name === peer.interface)?.address;
  return address === undefined ? [] : [{ node: peer.node, via: withoutLength(address) }];
}

function acrossNetwork(fabric: Fabric, node: string, { purpose, segment }: Interface): readonly Hop[] {
  if (purpose !== "network") return [];
  return fabric.topology.nodes
    .filter(({ name, role }) => name !== node && (role === "router" || fabric.asns.has(name)))
    .flatMap(({ name }) =>
      interfacesOf(fabric, name).flatMap((port) =>
        port.segment === segment && port.address !== undefined
          ? [{ node: name, via: withoutLength(port.address) }]
          : [],
      ),
    );
}

/** Breadth first through static routers; a BGP speaker ends the search, since it knows the rest. */
function searchFrom(fabric: Fabric, start: string): readonly Hop[] {
  const seen = new Set([start]);
  const found: Hop[] = [];
  let frontier: readonly Hop[] = neighboursOf(fabric, start);
  while (frontier.length > 0) {
    const next: Hop[] = [];
    for (const hop of frontier) {
      if (seen.has(hop.node)) continue;
      seen.add(hop.node);
      found.push(hop);
      if (fabric.asns.has(hop.node)) continue;
      next.push(...neighboursOf(fabric, hop.node).map(({ node }) => ({ node, via: hop.via })));
    }
    frontier = next;
  }
  return found;
}

/** What is behind the static routers next to a speaker: the edge's way back to the LAN of the clients. */
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
  if (uplink === undefined) return behind;
  const known = new Set(behind.map(({ to }) => to));
  return [...behind, ...routesToAll(fabric, node, uplink.via).filter(({ to }) => !known.has(to))];
}

/** One route to each thing there is in the lab beyond the node's own subnets. */
function routesToAll(fabric: Fabric, node: string, via: string): readonly Route[] {
  const { services, vlans, networks, links, defaults } = fabric.topology;
  const pool = subnetOf(defaults.loopbacks);
  const strays = [...fabric.loopbacks.values()].filter((loopback) => !containsAddress(pool, addressOf(loopback)));
  const own = new Set(ownSubnets(fabric, node));
  const all = [
    ...services.map(({ prefix }) => prefix),
    ...vlans.map(({ subnet }) => subnetOfAddress(subnet)),
    subnetOfAddress(defaults.loopbacks),
    ...strays.map((loopback) => `${loopback}/32`),
    ...networks.map(({ subnet }) => subnetOfAddress(subnet)),
    ...links.flatMap(({ subnet }) => (subnet === undefined ? [] : [subnetOfAddress(subnet)])),
  ];
  return all.filter((to) => !own.has(to)).map((to) => ({ to, via }));
}
