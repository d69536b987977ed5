/** Where a client's packets to a service go, router by router, derived from the plan alone: the hops and each server's share. */
import type { Interface, Node, Plan, Service } from "../plan/model.ts";
import { addressOf, containsAddress, readSubnet, withoutLength } from "../topology/ipv4.ts";
import { bestNeighbors, bgpDistances, type Distances, nodesByName } from "./expected-routes.ts";
import type { TraceHop } from "./model.ts";

/** What forwarding a packet takes to know; the same for all clients of a service. */
interface Forwarding {
  readonly plan: Plan;
  readonly service: Service;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly distances: Distances;
}

function forwardingOf(plan: Plan, service: Service): Forwarding {
  return { plan, service, nodes: nodesByName(plan), distances: bgpDistances(plan, service) };
}

/** Routers between a client and the service, first one first; undefined where the plan has no way between them. */
export function traceHops(plan: Plan, client: Node, service: Service): readonly TraceHop[] | undefined {
  const forwarding = forwardingOf(plan, service);
  const hops: TraceHop[] = [];
  let candidates = nextNodes(forwarding, client);
  while (candidates.some(({ role }) => role !== "server")) {
    // Static routes in a circle lead nowhere.
    if (hops.length > plan.nodes.length) return undefined;
    const routers = [...new Set(candidates)];
    hops.push({ role: rolesOf(routers), candidates: routers.map(hopCandidate) });
    candidates = routers.flatMap((router) => nextNodes(forwarding, router));
  }
  return candidates.length === 0 ? undefined : hops;
}

/**
 * The part of all flows that each server gets, 0 … 1, where every client opens as many: a client's flows go by its gateway,
 * and each router divides what reaches it evenly by its next hops. Clients that have no way to the service do not count.
 */
export function plannedShares(plan: Plan, service: Service): Readonly<Record<string, number>> {
  const forwarding = forwardingOf(plan, service);
  const clients = plan.nodes.filter((node) => node.role === "client" && traceHops(plan, node, service) !== undefined);
  const shares = new Map(service.servers.map((server) => [server, 0]));
  let flows = new Map(clients.map((client) => [client, 1 / clients.length]));
  while (flows.size > 0) {
    const onward = new Map<Node, number>();
    for (const [node, part] of flows) {
      const next = nextNodes(forwarding, node);
      for (const each of next) onward.set(each, (onward.get(each) ?? 0) + part / next.length);
    }
    for (const [{ name, role }, part] of onward) {
      if (role === "server") shares.set(name, (shares.get(name) ?? 0) + part);
    }
    flows = new Map([...onward].filter(([{ role }]) => role !== "server"));
  }
  return Object.fromEntries(shares);
}

/** Where a node sends a packet to the service, one entry for each link; nowhere from a server, which is where it ends. */
function nextNodes({ plan, service, nodes, distances }: Forwarding, node: Node): readonly Node[] {
  if (node.role === "server") return [];
  if (node.bgp === undefined) return gatewayOf(plan, node, service);
  return bestNeighbors(node, service, distances).flatMap(({ remote }) => nodes.get(remote.node) ?? []);
}

/** The node that owns the next hop of the most specific static route to the service. */
function gatewayOf(plan: Plan, node: Node, service: Service): readonly Node[] {
  const address = addressOf(withoutLength(service.prefix));
  const [route] = node.routes
    .map(({ via, to }) => ({ via, subnet: readSubnet(to) ?? { address: 0, length: 0 } }))
    .filter(({ subnet }) => containsAddress(subnet, address))
    .toSorted((one, other) => other.subnet.length - one.subnet.length);
  if (route === undefined) return [];
  return plan.nodes.filter(({ interfaces }) => interfaces.some((port) => hasAddress(port, route.via))).slice(0, 1);
}

function hasAddress(port: Interface, address: string): boolean {
  return port.address !== undefined && withoutLength(port.address) === address;
}

function rolesOf(candidates: readonly Node[]): string {
  return [...new Set(candidates.map(({ role }) => role))].join(" or ");
}

/** A router without an address on the way back answers from its loopback: unnumbered links have none. */
function hopCandidate(node: Node): TraceHop["candidates"][number] {
  const numbered = node.interfaces
    .filter(({ purpose }) => purpose !== "management")
    .flatMap(({ address }) => (address === undefined ? [] : [withoutLength(address)]));
  const loopback = node.loopback === undefined ? [] : [withoutLength(node.loopback)];
  return { node: node.name, addresses: [...numbered, ...loopback] };
}
