/**
 * Building blocks of an FRR configuration, spelled the way FRR shows them (`show running-config`), so that a later
 * `frr-reload.py` finds no difference where there is none.
 *
 * Profile: `frr defaults traditional`, with explicit timers. It is the default of Debian's and FreeBSD's packages and
 * keeps RFC 8212 on: a session without policy in both directions moves no route, so a forgotten policy shows at once.
 */
import type { Node, Plan } from "../plan/model.ts";
import { indent, line } from "./line.ts";

/** One level of FRR's indentation. */
export function nest(lines: readonly string[]): readonly string[] {
  return indent(lines, " ");
}

/** Nodes on netns have no syslogd; FreeBSD's package makes no log directory for user frr. */
export function logLine(node: Node): string {
  return node.guest.os === "freebsd" ? "log syslog informational" : "log file /var/log/frr/frr.log informational";
}

/**
 * An edited route-map takes effect after 1 s (default 5; 0 is never). It comes before the first route-map, because bgpd
 * holds all new sessions back for what is left of this timer once it has read its configuration (bgpd/bgp_vty.c,
 * `bgp_config_end`): with the default, a cold start takes 5 s longer.
 */
export const routeMapTimer = "bgp route-map delay-timer 1";

/** What a router's file opens with. */
export function routerHeader(node: Node): readonly string[] {
  return [
    "frr defaults traditional",
    line`hostname ${node.name}`,
    logLine(node),
    "service integrated-vtysh-config",
    "!",
    routeMapTimer,
    "!",
  ];
}

/** One entry of a prefix-list. */
export interface PrefixRule {
  readonly action: "permit" | "deny";
  /** A prefix, or `any`. */
  readonly prefix: string;
  /** Longest prefix length that matches as well. */
  readonly upTo?: number;
}

/** Entries are numbered 5, 10, … as FRR does; what no entry matches is denied. */
export function prefixList(name: string, rules: readonly PrefixRule[]): readonly string[] {
  const lines = rules.map(({ action, prefix, upTo }, index) => {
    const rule = line`ip prefix-list ${name} seq ${(index + 1) * 5} ${action} ${prefix}`;
    return upTo === undefined ? rule : rule + line` le ${upTo}`;
  });
  return [...lines, "!"];
}

/** Every route; a policy in the sense of RFC 8212. */
export const anyList = prefixList("ANY", [{ action: "permit", prefix: "any" }]);
/** Everything but a default route, which only an edge may announce. */
export const noDefaultList = prefixList("NO-DEFAULT", [
  { action: "deny", prefix: "0.0.0.0/0" },
  { action: "permit", prefix: "any" },
]);

/** RFC 8212 asks for a policy in the EVPN family too, where prefix-lists do not fit its routes. */
export const anyMap: readonly string[] = ["route-map ANY permit 10", "exit", "!"];
/** Lines of the EVPN family for the peers of group `fabric`. */
export const evpnLines: readonly string[] = [
  "neighbor fabric activate",
  "neighbor fabric route-map ANY in",
  "neighbor fabric route-map ANY out",
];

/** Ports of unnumbered sessions, whose peers are found by their router advertisements. */
export function advertisingPorts(plan: Plan, ports: readonly string[]): readonly string[] {
  return ports.flatMap((port) => [
    line`interface ${port}`,
    line` ipv6 nd ra-interval ${plan.timers.advertiseS}`,
    "exit",
    "!",
  ]);
}

/**
 * Timers of the whole instance. A new peer's first table waits for `coalesce-time`, so that peers that come up together
 * share one update group; at FRR's second or more it would be the longest part of a cold start (bgpd/bgp_updgrp.c).
 */
export function timerLines(plan: Plan): readonly string[] {
  return [line`timers bgp ${plan.timers.keepaliveS} ${plan.timers.holdS}`, "coalesce-time 50"];
}
