/**
 * Pins: for as long as a change of next hops takes, a router remembers by which port each connection to a service went, and
 * sends the rest of it the same way, whatever its ECMP would choose now. What a switch's resilient hashing is for, in
 * nftables: FRR asks the kernel for plain groups, whose every change moves connections, also between next hops that stay.
 */
import type { Plan } from "../plan/model.ts";
import { line, textOf } from "./line.ts";

/** Where a port leads to. */
export interface Way {
  readonly port: string;
  /** Next hop as `ip route` takes it: `10.0.3.1`, or `inet6 fe80::1` on an unnumbered link. */
  readonly via: string;
}

/** Seconds of silence after which a connection is forgotten: most of them end, and the change waits for their pins. */
const pinIdleS = 3;

const table = "lab-pins";
/** A mark for each port, and a routing table and a rule of the same number. */
const firstMark = 8101;
const connection = "ip saddr . th sport . ip daddr . th dport . ip protocol";
/** The first packet of a connection is free to take any way, and what is known of an older one with its ports is void. */
const opens = "tcp flags & (syn | ack) == syn";
const forget = `${opens} delete @ways { ${connection} : meta mark }`;
const remember = `update @ways { ${connection} : meta mark }`;

/** The ports of a router towards its BGP neighbors, before a change and after it; what comes new is last. */
export function waysOf(plans: readonly Plan[], router: string): readonly Way[] {
  const ways = plans.flatMap(({ nodes }) => {
    const neighbors = nodes.find(({ name }) => name === router)?.bgp?.neighbors ?? [];
    return neighbors.map(({ interface: port, address, remote }): readonly [string, Way] => {
      const peer = nodes
        .find(({ name }) => name === remote.node)
        ?.interfaces.find(({ name }) => name === remote.interface);
      return [port, { port, via: address ?? line`inet6 ${peer?.linkLocal ?? "::"}` }];
    });
  });
  return [...new Map(ways).values()];
}

/** The `nft -f` text that pins what goes to these addresses; loading it again forgets what was pinned. */
export function renderPins(ways: readonly Way[], addresses: readonly string[]): string {
  const marks = ways.map(({ port }, index) => line`"${port}" : ${firstMark + index}`);
  return textOf([
    `table ip ${table}`,
    `delete table ip ${table}`,
    `table ip ${table} {`,
    `    set services { type ipv4_addr; elements = { ${addresses.map((address) => line`${address}`).join(", ")} }; }`,
    "    map ways {",
    "        type ipv4_addr . inet_service . ipv4_addr . inet_service . inet_proto : mark",
    "        flags dynamic, timeout",
    `        timeout ${pinIdleS}s`,
    "        size 262144",
    "    }",
    "    chain recall {",
    "        type filter hook prerouting priority mangle",
    "        ip daddr != @services return",
    "        meta l4proto != { tcp, udp } return",
    `        ${opens} return`,
    `        meta mark set ${connection} map @ways`,
    "    }",
    "    chain remember {",
    "        type filter hook postrouting priority mangle",
    "        ip daddr != @services return",
    "        meta l4proto != { tcp, udp } return",
    `        ${forget}`,
    `        meta mark set oifname map { ${marks.join(", ")} }`,
    `        ${remember}`,
    "    }",
    "}",
  ]);
}

/** The `nft -f` text after which only connections that are pinned already stay so; new ones go by ECMP alone. */
export const renderFrozenPins = textOf([
  `flush chain ip ${table} remember`,
  `add rule ip ${table} remember ip daddr @services ${forget}`,
  `add rule ip ${table} remember ip daddr @services meta mark != 0 ${remember}`,
]);

export const listPins = ["nft", "list", "map", "ip", table, "ways"];

/** Whether `listPins` printed no connection. */
export function isUnpinned(listing: string): boolean {
  return !listing.includes("elements");
}

/** Removes pins, and does nothing where there are none. */
export const renderNoPins = textOf([`table ip ${table}`, `delete table ip ${table}`]);

/**
 * `ip -force -batch` text that leads marked packets by their ports; it may run again for ports that have come up since. A
 * port that is down has no way, so ECMP decides.
 */
export function renderWays(ways: readonly Way[]): string {
  return textOf(
    ways.map(
      ({ port, via }, index) => `route replace 0.0.0.0/0 via ${via} ${line`dev ${port} table ${firstMark + index}`}`,
    ),
  );
}

/** `ip -force -batch` text that makes marked packets ask for their ways, afresh. */
export function renderRules(ways: readonly Way[]): string {
  const marks = ways.map((_, index) => firstMark + index);
  return (
    renderNoWays(ways) + textOf(marks.map((mark) => line`rule add priority ${mark} fwmark ${mark} lookup ${mark}`))
  );
}

/** `ip -force -batch` text that undoes `renderRules` and `renderWays`. */
export function renderNoWays(ways: readonly Way[]): string {
  const marks = ways.map((_, index) => firstMark + index);
  return textOf(marks.flatMap((mark) => [line`rule delete priority ${mark}`, line`route flush table ${mark}`]));
}
