/**
 * Which ports a kernel sends packets for one address to, followed through what it tells. It does not tell all: when a port
 * loses its carrier, the kernel takes next hops of that port out of groups and routes, and says only that the carrier is gone
 * (Linux net/ipv4/nexthop.c, nexthop_flush_dev; seen on 6.18).
 */
import type { Change } from "./monitor.ts";

/** A next-hop object: one port, or a group of others. One that is gone is a group of none. */
type NextHop = { readonly port: string } | { readonly members: readonly number[] };

interface Route {
  readonly nexthop: number | undefined;
  /** As the kernel spelled them out. */
  readonly ports: readonly string[];
}

const gone: NextHop = { members: [] };

export class Fib {
  readonly #to: string;
  readonly #nexthops = new Map<number, NextHop>();
  #route: Route | undefined;

  /** @param to the address without length, as the kernel prints a host route */
  constructor(to: string) {
    this.#to = to;
  }

  apply(change: Change): void {
    switch (change.kind) {
      case "nexthop":
      case "group":
        this.#nexthops.set(change.id, change);
        return;
      case "no nexthop":
        this.#nexthops.set(change.id, gone);
        return;
      case "link":
        this.#settle(change);
        return;
      case "route":
        if (change.to === this.#to) this.#route = { nexthop: change.nexthop, ports: change.ports };
        return;
      case "no route":
        if (change.to === this.#to) this.#route = undefined;
    }
  }

  /** Sorted; none where there is no route. */
  ports(): readonly string[] {
    if (this.#route === undefined) return [];
    const { nexthop, ports } = this.#route;
    const known = nexthop === undefined ? undefined : this.#portsOf(nexthop);
    return [...new Set(known ?? ports)].toSorted();
  }

  /** Undefined for an object, or a group with a member, that nobody has told of. */
  #portsOf(id: number): readonly string[] | undefined {
    const nexthop = this.#nexthops.get(id);
    if (nexthop === undefined) return undefined;
    if ("port" in nexthop) return [nexthop.port];
    const members = nexthop.members.map((member) => this.#nexthops.get(member));
    if (members.includes(undefined)) return undefined;
    return members.flatMap((member) => (member !== undefined && "port" in member ? [member.port] : []));
  }

  #settle({ port, up, carrier }: Extract<Change, { kind: "link" }>): void {
    if (up && carrier) return;
    for (const [id, nexthop] of this.#nexthops) {
      if ("port" in nexthop && nexthop.port === port) this.#nexthops.set(id, gone);
    }
    const route = this.#route;
    // A route without next-hop objects goes on using a port that lacks no more than its carrier.
    if (route === undefined || (up && route.nexthop === undefined)) return;
    this.#route = { ...route, ports: route.ports.filter((one) => one !== port) };
  }
}
