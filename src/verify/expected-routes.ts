/** Which way a service's packets must take, derived from the plan alone: next hops of each router, hops from each client. */
import type { Interface, Neighbor, Node, Plan, Service } from "../plan/model.ts";
import { addressOf, containsAddress, readSubnet } from "../topology/ipv4.ts";
import type { NextHop, PlannedPeer, TraceHop } from "./model.ts";

/** `172.20.0.1` of `172.20.0.1/32`. */
export function bareAddress(prefix: string): string {
  return prefix.replace(/\/.*$/, "");
}

export function nodesByName(plan: Plan): ReadonlyMap<string, Node> {
  return new Map(plan.nodes.map((node) => [node.name, node]));
}

/** A BGP neighbor as FRR lists it. */
export function plannedPeer(neighbor: Neighbor): PlannedPeer {
  return {
    peer: neighbor.address ?? neighbor.interface,
    remoteAsn: neighbor.remoteAsn,
    node: neighbor.remote.node,
  };
}

/** Sessions of this leaf with servers that run the service. */
export function servingNeighbors(leaf: Node, service: Service): readonly Neighbor[] {
  const servers = new Set(service.servers);
  return (leaf.bgp?.neighbors ?? []).filter(({ group, remote }) => group === "anycast" && servers.has(remote.node));
}

/** Routers by AS-path length to the service: leaves with a server 0, their spines 1, and so on. */
export type Distances = ReadonlyMap<string, number>;

/** BGP takes the shortest AS path, and every router here is an AS of its own (spines share one, and never use each other). */
export function bgpDistances(plan: Plan, service: Service): Distances {
  return measure(plan, service, (node) => routerNeighbors(node).map((neighbor) => neighbor.remote.node));
}

function routerNeighbors(node: Node): readonly Neighbor[] {
  return (node.bgp?.neighbors ?? []).filter(({ group }) => group === "fabric" || group === "edge");
}

function measure(plan: Plan, service: Service, adjacent: (node: Node) => readonly string[]): Distances {
  const nodes = nodesByName(plan);
  const distances = new Map<string, number>();
  let ring = plan.nodes.filter((node) => node.role === "leaf" && servingNeighbors(node, service).length > 0);
  for (let distance = 0; ring.length > 0; distance += 1) {
    for (const node of ring) distances.set(node.name, distance);
    const next = new Set(ring.flatMap(adjacent).filter((name) => !distances.has(name)));
    ring = [...next].flatMap((name) => nodes.get(name) ?? []);
  }
  return distances;
}

/** BGP neighbors whose path to the service is as short as it gets: all of them are used at once. */
export function bestNeighbors(node: Node, service: Service, distances: Distances): readonly Neighbor[] {
  const distance = distances.get(node.name);
  if (distance === undefined) return [];
  if (distance === 0) return servingNeighbors(node, service);
  return routerNeighbors(node).filter((neighbor) => distances.get(neighbor.remote.node) === distance - 1);
}

/**
 * The part of all flows that each server gets, 0 … 1: spines split them evenly over the leaves that have a server, and each
 * leaf evenly over its servers. Equal for all where all leaves have as many servers.
 */
export function plannedShares(plan: Plan, service: Service): Readonly<Record<string, number>> {
  const shares = new Map(service.servers.map((server) => [server, 0]));
  const leaves = plan.nodes
    .filter(({ role }) => role === "leaf")
    .map((leaf) => servingNeighbors(leaf, service).map(({ remote }) => remote.node))
    .filter((servers) => servers.length > 0);
  for (const servers of leaves) {
    for (const server of servers) {
      shares.set(server, (shares.get(server) ?? 0) + 1 / leaves.length / servers.length);
    }
  }
  return Object.fromEntries(shares);
}

/** What the kernel's route to the service must show. */
export function nextHop(neighbor: Neighbor, nodes: ReadonlyMap<string, Node>): NextHop {
  const remote = nodes.get(neighbor.remote.node)?.interfaces.find(({ name }) => name === neighbor.remote.interface);
  return {
    device: neighbor.interface,
    via: neighbor.address ?? remote?.linkLocal ?? "",
    node: neighbor.remote.node,
  };
}

/** Routers between a client and the service, first one first; undefined where the plan has no way between them. */
export function traceHops(plan: Plan, client: Node, service: Service): readonly TraceHop[] | undefined {
  const nodes = nodesByName(plan);
  const members = segmentMembers(plan);
  const adjacent = (node: Node) => adjacentRouters(node, members, nodes);
  const distances = measure(plan, service, adjacent);
  const gateway = findGateway(plan, client, service);
  const start = gateway === undefined ? undefined : distances.get(gateway.name);
  if (gateway === undefined || start === undefined) return undefined;
  const hops: TraceHop[] = [];
  let candidates: readonly Node[] = [gateway];
  for (let distance = start; distance >= 0; distance -= 1) {
    hops.push({ role: gatewayRole(candidates), candidates: candidates.map(hopCandidate) });
    const next = new Set(candidates.flatMap(adjacent).filter((name) => distances.get(name) === distance - 1));
    candidates = [...next].flatMap((name) => nodes.get(name) ?? []);
  }
  return hops;
}

function gatewayRole(candidates: readonly Node[]): string {
  return [...new Set(candidates.map(({ role }) => role))].join(" or ");
}

/** A router without an address on the way back answers from its loopback: unnumbered links have none. */
function hopCandidate(node: Node): TraceHop["candidates"][number] {
  const numbered = node.interfaces
    .filter(({ purpose }) => purpose !== "management")
    .flatMap(({ address }) => (address === undefined ? [] : [bareAddress(address)]));
  const loopback = node.loopback === undefined ? [] : [bareAddress(node.loopback)];
  return { node: node.name, addresses: [...numbered, ...loopback] };
}

const routerRoles = new Set(["router", "edge", "spine", "leaf"]);
const routedPurposes = new Set(["fabric", "numbered", "network"]);

function segmentMembers(plan: Plan): ReadonlyMap<string, readonly string[]> {
  return new Map(plan.segments.map((segment) => [segment.name, segment.ends.map((end) => end.node)]));
}

function adjacentRouters(
  node: Node,
  members: ReadonlyMap<string, readonly string[]>,
  nodes: ReadonlyMap<string, Node>,
): readonly string[] {
  return node.interfaces
    .filter(({ purpose }) => routedPurposes.has(purpose))
    .flatMap(({ segment }) => members.get(segment) ?? [])
    .filter((name) => name !== node.name && routerRoles.has(nodes.get(name)?.role ?? ""));
}

/** The node that owns the next hop of the client's most specific route to the service. */
function findGateway(plan: Plan, client: Node, service: Service): Node | undefined {
  const address = addressOf(bareAddress(service.prefix));
  const matching = client.routes
    .map((route) => ({ via: route.via, subnet: readSubnet(route.to) ?? { address: 0, length: 0 } }))
    .filter(({ subnet }) => containsAddress(subnet, address))
    .toSorted((one, other) => other.subnet.length - one.subnet.length);
  const via = matching[0]?.via;
  return via === undefined
    ? undefined
    : plan.nodes.find((node) => node.interfaces.some((port) => hasAddress(port, via)));
}

function hasAddress(port: Interface, address: string): boolean {
  return port.address !== undefined && bareAddress(port.address) === address;
}
