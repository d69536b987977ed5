/** What BGP makes of a service, derived from the plan alone: who hears of it, and the next hops of each router. */
import type { Neighbor, Node, Plan, Service } from "../plan/model.ts";
import type { NextHop, PlannedPeer } from "./model.ts";

/** All nodes of the plan. */
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

/**
 * BGP takes the shortest AS path, and every router here is an AS of its own. Edges keep what they learn to themselves
 * (prefix-list EDGE), and a leaf tells its spines of nothing but its own servers: what came from a spine never goes up
 * again (filter-list NO-VALLEY).
 */
export function bgpDistances(plan: Plan, service: Service): Distances {
  const nodes = nodesByName(plan);
  const distances = new Map<string, number>();
  let ring = plan.nodes.filter((node) => node.role === "leaf" && servingNeighbors(node, service).length > 0);
  for (let distance = 0; ring.length > 0; distance += 1) {
    for (const node of ring) distances.set(node.name, distance);
    const next = new Set(ring.flatMap((node) => learners(node, distance)).filter((name) => !distances.has(name)));
    ring = [...next].flatMap((name) => nodes.get(name) ?? []);
  }
  return distances;
}

/** Routers that hear of the service from this one. */
function learners(node: Node, distance: number): readonly string[] {
  if (node.role === "edge") return [];
  const up = node.role !== "leaf" || distance === 0;
  return routerNeighbors(node)
    .filter(({ group }) => up || group === "edge")
    .map(({ remote }) => remote.node);
}

function routerNeighbors(node: Node): readonly Neighbor[] {
  return (node.bgp?.neighbors ?? []).filter(({ group }) => group === "fabric" || group === "edge");
}

/** BGP neighbors whose path to the service is as short as it gets: all of them are used at once, one for each link. */
export function bestNeighbors(node: Node, service: Service, distances: Distances): readonly Neighbor[] {
  const distance = distances.get(node.name);
  if (distance === undefined) return [];
  if (distance === 0) return servingNeighbors(node, service);
  const tells = node.role === "edge" ? ["fabric", "edge"] : ["fabric"];
  return routerNeighbors(node).filter(
    ({ group, remote }) => tells.includes(group) && distances.get(remote.node) === distance - 1,
  );
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
