import { describe, expect, it } from "vitest";
import { readNotice } from "../../src/drill/monitor.ts";

const at = Date.UTC(2026, 10, 27, 23, 54, 42);

/** Lines of iproute2 6.x on Linux 6.18, as they came. */
const lines: readonly (readonly [what: string, line: string, notice: unknown])[] = [
  [
    "a next hop",
    "[2026-11-27T23:54:42.043783] id 10 via fe80::1 dev swp1 scope link proto zebra ",
    { atMs: at + 43.783, change: { kind: "nexthop", id: 10, port: "swp1" } },
  ],
  [
    "a group, with and without weights",
    "[2026-11-27T23:54:42.056229] id 20 group 10/11,5 proto zebra ",
    { atMs: at + 56.229, change: { kind: "group", id: 20, members: [10, 11] } },
  ],
  [
    "a next hop that goes",
    "[2026-11-27T23:54:42.500000] Deleted id 10 via fe80::1 dev swp1 scope link proto zebra ",
    { atMs: at + 500, change: { kind: "no nexthop", id: 10 } },
  ],
  [
    "a route by one next hop",
    "[2026-11-27T23:54:42.072126] 172.20.0.1 nhid 10 via inet6 fe80::1 dev swp1 proto bgp metric 20 ",
    { atMs: at + 72.126, change: { kind: "route", to: "172.20.0.1", nexthop: 10, ports: ["swp1"] } },
  ],
  [
    "a route by several, one of which is dead",
    "172.20.0.1 nhid 20 proto bgp metric 20 \\\tnexthop via inet6 fe80::1 dev swp3 weight 1 \\\tnexthop via inet6 fe80::2 dev swp4 weight 1 dead linkdown ",
    { change: { kind: "route", to: "172.20.0.1", nexthop: 20, ports: ["swp3"] } },
  ],
  [
    "a route in FRR's old spelling",
    "172.20.0.1/32 via 169.254.0.1 dev swp6 proto bgp metric 20 onlink",
    { change: { kind: "route", to: "172.20.0.1/32", ports: ["swp6"] } },
  ],
  [
    "a route that goes",
    "[2026-11-27T23:54:42.000001] Deleted 172.20.0.1 nhid 20 proto bgp metric 20 ",
    { atMs: at + 0.001, change: { kind: "no route", to: "172.20.0.1" } },
  ],
  [
    "a port without carrier",
    "[2026-11-27T23:54:42.093658] 3: swp1@em1: <NO-CARRIER,BROADCAST,MULTICAST,UP,M-DOWN> mtu 1500 qdisc noqueue state LOWERLAYERDOWN group default \\    link/ether 96:8a:12:7f:78:28 brd ff:ff:ff:ff:ff:ff",
    { atMs: at + 93.658, change: { kind: "link", port: "swp1", up: true, carrier: false } },
  ],
  [
    "a port that works",
    "3: swp1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 9216 qdisc noqueue state UP group default ",
    { change: { kind: "link", port: "swp1", up: true, carrier: true } },
  ],
  [
    "a port that is gone",
    "Deleted 3: swp1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 9216 qdisc noqueue state UP group default ",
    { change: { kind: "link", port: "swp1", up: false, carrier: false } },
  ],
];

describe("what a kernel tells", () => {
  it.each(lines)("is read: %s", (_, line, notice) => {
    expect(readNotice(line)).toEqual(notice);
  });

  it("takes no longer to read where a node sends nonsense", () => {
    const began = performance.now();
    for (const line of [`1: ${"x".repeat(60_000)}`, `1: a${"@".repeat(60_000)}`, `id 1 ${" dev".repeat(15_000)}`]) {
      readNotice(line);
    }
    expect(performance.now() - began).toBeLessThan(500);
  });

  it.each([
    ["an IPv6 route", "[2026-11-27T23:54:42.090698] Deleted fe80::/64 dev em1 proto kernel metric 256 pref medium"],
    ["a local IPv6 route", "local fe80::28a8:9eff:fe84:df2f dev em2 table local proto kernel metric 0 pref medium"],
    ["the default route", "default via 192.0.2.1 dev eth0"],
    ["a blackhole object", "id 7 blackhole proto zebra"],
    ["a time that is none", "[2026-99-99T99:99:99.000000] 172.20.0.1 dev swp1"],
    ["nothing", ""],
    ["anything else", "\u001b[2J172.20.0.1 dev swp1"],
  ])("is left out: %s", (_, line) => {
    expect(readNotice(line)).toBeUndefined();
  });
});
