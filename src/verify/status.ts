/** `lab status`: one cheap question per node, and a row of numbers from its answer. Nothing is waited for. */
import type { Role } from "../kinds/kind.ts";
import type { Node, Plan } from "../plan/model.ts";
import { withoutLength } from "../topology/ipv4.ts";
import { bestNeighbors, bgpDistances, type Distances, nextHop, nodesByName, plannedPeer } from "./expected-routes.ts";
import type { RoutingState, Seen } from "./read-status.ts";

/** How much of what is planned is there. */
export interface Portion {
  readonly present: number;
  readonly expected: number;
}

/** One node. */
export interface StatusRow {
  readonly node: string;
  readonly role: Role;
  readonly kind: string;
  readonly address: string;
  readonly state: "up" | "unreachable";
  /** Why a node could not be asked. */
  readonly reason?: string;
  /** Routing columns; absent where the plan has nothing of the sort for this node, or it could not be asked. */
  readonly sessions?: Portion;
  readonly bfd?: Portion;
  /** Accepted from servers; leaves only. */
  readonly prefixes?: Portion;
  /** Planned next hops that are in the kernel, by service. */
  readonly nextHops?: Readonly<Record<string, Portion>>;
}

/** @param seen of each node, by name. */
export function judgeStatus(plan: Plan, seen: ReadonlyMap<string, Seen>): readonly StatusRow[] {
  const expected: Expected = {
    nodes: nodesByName(plan),
    distances: new Map(plan.services.map((service) => [service.name, bgpDistances(plan, service)])),
  };
  return plan.nodes.map((node) => {
    const { name, role, kind, reach } = node;
    const row = { node: name, role, kind, address: reach.address };
    if (node.guest.os === "host") return { ...row, state: "up" };
    const state: Seen = seen.get(name) ?? { unreachable: "it was not asked" };
    if ("unreachable" in state) return { ...row, state: "unreachable", reason: state.unreachable };
    if (node.bgp === undefined) return { ...row, state: "up" };
    return { ...row, state: "up", ...routingColumns(plan, node, state, expected) };
  });
}

/** Whether all that is planned is there. */
export function isComplete({ state, sessions, bfd, prefixes, nextHops = {} }: StatusRow): boolean {
  const portions = [sessions, bfd, prefixes, ...Object.values(nextHops)];
  return state === "up" && portions.every((portion) => portion === undefined || portion.present >= portion.expected);
}

/** What all rows share. */
interface Expected {
  readonly nodes: ReadonlyMap<string, Node>;
  readonly distances: ReadonlyMap<string, Distances>;
}

type RoutingColumns = Pick<StatusRow, "sessions" | "bfd" | "prefixes" | "nextHops">;

function routingColumns(plan: Plan, node: Node, state: RoutingState, expected: Expected): RoutingColumns {
  const neighbors = node.bgp?.neighbors ?? [];
  const servers = neighbors.filter(({ group }) => group === "anycast");
  const watched = neighbors.filter(({ group }) => group === "anycast" || group === "leaf");
  const nextHops = hopColumns(plan, node, state, expected);
  const established = neighbors
    .map(plannedPeer)
    .filter(({ peer }) => state.sessions.get(peer)?.state === "Established");
  const watching = watched.filter((neighbor) =>
    state.bfd.some((peer) => peer.interface === neighbor.interface && peer.status === "up"),
  );
  return {
    sessions: { present: established.length, expected: neighbors.length },
    ...(watched.length > 0 && { bfd: { present: watching.length, expected: watched.length } }),
    ...(servers.length > 0 && {
      prefixes: {
        present: sum(servers.map((neighbor) => state.sessions.get(plannedPeer(neighbor).peer)?.pfxRcd ?? 0)),
        expected: sum(servers.map(({ remote }) => countServices(plan, remote.node))),
      },
    }),
    ...(Object.keys(nextHops).length > 0 && { nextHops }),
  };
}

function hopColumns(
  plan: Plan,
  node: Node,
  state: RoutingState,
  { nodes, distances }: Expected,
): Readonly<Record<string, Portion>> {
  const columns = plan.services.flatMap((service): [string, Portion][] => {
    const hops = bestNeighbors(node, service, distances.get(service.name) ?? new Map()).map((best) =>
      nextHop(best, nodes),
    );
    const seen = state.hops.get(withoutLength(service.prefix)) ?? [];
    const present = hops.filter((hop) =>
      seen.some(({ device, via }) => device === hop.device && (via === undefined || via === hop.via)),
    );
    return hops.length === 0 ? [] : [[service.name, { present: present.length, expected: hops.length }]];
  });
  return Object.fromEntries(columns);
}

function countServices(plan: Plan, server: string): number {
  return plan.services.filter(({ servers }) => servers.includes(server)).length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
