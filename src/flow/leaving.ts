/**
 * What a change of plans means to traffic: who stops serving while others go on, whose next hops change, and which ports go
 * for good. Pure. A service that is new or that ends has nobody to hand over to, and is no part of this.
 */
import type { Observation } from "../drivers/driver.ts";
import type { Neighbor, Node, Plan, Service } from "../plan/model.ts";
import { withoutLength } from "../topology/ipv4.ts";
import { bestNeighbors, bgpDistances, servingNeighbors } from "../verify/expected-routes.ts";
import type { Work } from "./work.ts";

export interface Leaving {
  /** Servers that stop serving, each with the prefixes that others go on with. */
  readonly servers: readonly { readonly server: string; readonly asn: number; readonly prefixes: readonly string[] }[];
  /** What routers use once those servers have stepped back. */
  readonly turns: readonly Turn[];
  /** Running routers whose next hops change, by those servers or by new ones. */
  readonly routers: readonly string[];
  /** Addresses of the services that go on. */
  readonly addresses: readonly string[];
  /** Ports towards BGP neighbors that go, of routers that stay. */
  readonly ports: readonly { readonly router: string; readonly ports: readonly string[] }[];
}

export interface Turn {
  readonly router: string;
  readonly prefix: string;
  /** Ports that its kernel may send to. */
  readonly ports: readonly string[];
}

export const nobody: Leaving = { servers: [], turns: [], routers: [], addresses: [], ports: [] };

/** `before` is what runs, as far as it was seen; `work` says which guests are taken away. */
export function findLeaving(before: Plan, after: Plan, seen: Observation, work: Work): Leaving {
  if (work.fresh) return nobody;
  const now = runningPart(before, new Set(seen.guests));
  const gone = new Set(work.remove.steps.flatMap((step) => (step.kind === "guest" ? [step.node] : [])));
  const changes = now.services.flatMap((service) => {
    const next = after.services.find(({ prefix }) => prefix === service.prefix);
    return next === undefined ? [] : [changeOf(now, after, service, next, gone)];
  });
  return {
    servers: now.nodes.flatMap((node) => {
      const prefixes = changes.filter(({ left }) => left.has(node.name)).map(({ prefix }) => prefix);
      return node.bgp === undefined || prefixes.length === 0
        ? []
        : [{ server: node.name, asn: node.bgp.asn, prefixes }];
    }),
    turns: changes.flatMap(({ turns }) => turns),
    routers: routersOf(now)
      .map(({ name }) => name)
      .filter((name) => changes.some(({ routers }) => routers.includes(name))),
    addresses: changes.map(({ prefix }) => withoutLength(prefix)),
    ports: routersOf(now).flatMap((node) => portsLost(node, after, gone)),
  };
}

/** What comes before the change itself, for people: these are SSH commands, like the configuration that follows it. */
export function describeLeaving({ servers, routers, ports }: Leaving): readonly string[] {
  return [
    ...routers.map((router) => `${router} keeps connections on their ways`),
    ...servers.map(({ server, prefixes }) => `${server} steps back from ${prefixes.join(", ")}, and is waited for`),
    ...ports.map((lost) => `${lost.router} gives up ${lost.ports.join(", ")}`),
  ];
}

/** The plan without guests that do not run, which serve nobody. */
function runningPart(plan: Plan, alive: ReadonlySet<string>): Plan {
  return {
    ...plan,
    nodes: plan.nodes.filter(({ name, guest }) => guest.os === "host" || alive.has(name)),
    services: plan.services.map((service) => ({
      ...service,
      servers: service.servers.filter((server) => alive.has(server)),
    })),
  };
}

function routersOf({ nodes }: Plan): readonly Node[] {
  return nodes.filter(({ role }) => role === "leaf" || role === "spine" || role === "edge");
}

function changeOf(now: Plan, after: Plan, service: Service, next: Service, gone: ReadonlySet<string>) {
  const stays = service.servers.filter((server) => !gone.has(server) && next.servers.includes(server));
  const rest = { ...service, servers: stays };
  const [uses, willUse, usesThen] = [hopsOf(now, service), hopsOf(now, rest), hopsOf(after, next)];
  const differ = (node: Node, hops: Hops) => keysOf(uses(node)) !== keysOf(hops(node));
  const serving = routersOf(now).filter((node) => uses(node).length > 0);
  // The last of them have nobody to leave it to.
  const left = new Set(stays.length === 0 ? [] : service.servers.filter((server) => !stays.includes(server)));
  return {
    prefix: service.prefix,
    left,
    turns: serving
      .filter((node) => left.size > 0 && differ(node, willUse) && willUse(node).length > 0)
      // A leaf without any other server goes on to deliver what comes.
      .filter((node) => servingNeighbors(node, service).length === 0 || servingNeighbors(node, rest).length > 0)
      .map((node): Turn => ({
        router: node.name,
        prefix: service.prefix,
        ports: willUse(node).map((neighbor) => neighbor.interface),
      })),
    routers: serving.filter((node) => differ(node, willUse) || differ(node, usesThen)).map(({ name }) => name),
  };
}

type Hops = (router: Node) => readonly Neighbor[];

/** What a router sends to for a service; nothing if the plan lacks the router. */
function hopsOf(plan: Plan, service: Service): Hops {
  const distances = bgpDistances(plan, service);
  const nodes = new Map(plan.nodes.map((node) => [node.name, node]));
  return ({ name }) => {
    const node = nodes.get(name);
    return node === undefined ? [] : bestNeighbors(node, service, distances);
  };
}

function keysOf(hops: readonly Neighbor[]): string {
  return JSON.stringify(hops.map((hop) => [hop.interface, hop.remote.node]).toSorted());
}

function portsLost(node: Node, after: Plan, gone: ReadonlySet<string>): Leaving["ports"] {
  const next = after.nodes.find(({ name }) => name === node.name);
  if (next === undefined || gone.has(node.name) || node.guest.frr === undefined) return [];
  const kept = new Set(next.interfaces.map(({ name }) => name));
  const ports = (node.bgp?.neighbors ?? []).map((neighbor) => neighbor.interface).filter((port) => !kept.has(port));
  return ports.length === 0 ? [] : [{ router: node.name, ports }];
}
