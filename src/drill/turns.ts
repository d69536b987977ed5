/** Which routers turn to others when something is lost, and where to: what BGP makes of the plan without it. */
import type { Neighbor, Node, Plan, Service } from "../plan/model.ts";
import { bestNeighbors, bgpDistances } from "../verify/expected-routes.ts";
import type { Lost, Turn } from "./model.ts";

/** Routers with a route to the service, each with its planned ports. */
export function routersTo(plan: Plan, service: Service): readonly Pick<Turn, "router" | "role" | "whole">[] {
  const distances = bgpDistances(plan, service);
  return plan.nodes.flatMap((node) => {
    const { name: router, role } = node;
    if (role !== "leaf" && role !== "spine" && role !== "edge") return [];
    const whole = portsOf(bestNeighbors(node, service, distances));
    return whole.length === 0 ? [] : [{ router, role, whole }];
  });
}

/** Only those that the loss concerns. */
export function turnsOf(plan: Plan, service: Service, lost: Lost): readonly Turn[] {
  const { nodes = [], servers = [] } = lost;
  const left = withoutLost(plan, lost);
  const rest = { ...service, servers: service.servers.filter((server) => !servers.includes(server)) };
  const distances = bgpDistances(left, rest);
  return routersTo(plan, service).flatMap((router): Turn[] => {
    if (nodes.includes(router.router)) return [{ ...router, turned: undefined }];
    const node = left.nodes.find(({ name }) => name === router.router);
    const turned = node === undefined ? [] : portsOf(bestNeighbors(node, rest, distances));
    return isSame(turned, router.whole) ? [] : [{ ...router, turned }];
  });
}

export function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((port) => others.includes(port));
}

function portsOf(neighbors: readonly Neighbor[]): readonly string[] {
  return neighbors.map((neighbor) => neighbor.interface).toSorted();
}

/** The plan as routers see it: no session with a node that is lost, nor over a segment. */
function withoutLost(plan: Plan, { nodes = [], segments = [] }: Lost): Plan {
  const ends = new Set(
    plan.segments
      .filter(({ name }) => segments.includes(name))
      .flatMap((segment) => segment.ends.map((end) => `${end.node} ${end.interface}`)),
  );
  const stays = (node: Node) => (neighbor: Neighbor) =>
    !nodes.includes(neighbor.remote.node) && !ends.has(`${node.name} ${neighbor.interface}`);
  return {
    ...plan,
    nodes: plan.nodes.filter(({ name }) => !nodes.includes(name)).map((node) => withNeighbors(node, stays(node))),
  };
}

function withNeighbors(node: Node, stays: (neighbor: Neighbor) => boolean): Node {
  const { bgp } = node;
  return bgp === undefined ? node : { ...node, bgp: { ...bgp, neighbors: bgp.neighbors.filter(stays) } };
}
