/** A server that does what it must not, on a throw-away fabric; and what its leaf, the judge of it, says. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makePlace, until } from "./lab.ts";

const lab = "hostile";
export const place = makePlace();
export const address = "172.20.0.1/32";

/** `duo` and a second leaf: server01 is hostile to leaf01, server02 is the neighbour that must not notice. */
const topology = `
name: ${lab}
nodes: { spine01: spine, leaf01: leaf, leaf02: leaf, server01: server, server02: server, laptop: client, dhcp01: dhcp }
links:
  - [spine01:swp3, leaf01:swp1]
  - [spine01:swp4, leaf02:swp1]
  - [leaf01:swp5, server01:em0]
  - [leaf01:swp6, server01:em1]
  - [leaf02:swp5, server02:em0]
  - [leaf02:swp6, server02:em1]
networks: { lan: { subnet: 192.168.10.0/24, members: { spine01:swp1: 254, laptop: 10, dhcp01: 5 } } }
vlans: { vlan100: { id: 100, vni: 10100, subnet: 172.16.0.0/24, dhcp: dhcp01 } }
anycast: { web: ${address} }
`;

export async function upHostile(): ReturnType<typeof place.up> {
  const file = join(place.state, "hostile.lab.yaml");
  writeFileSync(file, topology);
  return place.up("-t", file);
}

export async function downHostile(): Promise<void> {
  await place.run("down", "-n", lab);
  place.remove();
}

export function on(node: string, script: string): string {
  return place.ssh(lab, node, script).stdout;
}

export function vtysh(node: string, ...commands: readonly string[]): string {
  return on(node, `vtysh ${commands.map((command) => `-c '${command}'`).join(" ")}`);
}

export function configure(node: string, ...lines: readonly string[]): void {
  vtysh(node, "configure terminal", ...lines, "end");
}

/** What server01 says to its leaf from now on: everything it has, by a route-map of our choice instead of its own. */
export function attack(...sets: readonly string[]): void {
  const routeMap = ["route-map HOSTILE permit 10", ...sets, "exit"];
  configure("server01", ...routeMap, ...unicast("neighbor leaf route-map HOSTILE out"));
}

export function unicast(...lines: readonly string[]): readonly string[] {
  return ["router bgp 65300", "no bgp network import-check", "address-family ipv4 unicast", ...lines];
}

/** As its files say, which no attack touches; and a session that leaf01 has not hung up for a minute. */
export async function repent(): Promise<void> {
  on("server01", "/usr/lib/frr/frr-reload.py --reload /etc/frr/frr.conf");
  if (vtysh("leaf01", "show bgp ipv4 unicast summary").includes("(PfxCt)")) vtysh("leaf01", "clear bgp swp6");
  // Not by what is accepted alone: graceful restart keeps the routes of a session that is gone for a while.
  await until(isHonest, 15_000, "an honest session");
}

function isHonest(): boolean {
  return neighbor().bgpState === "Established" && received()[address] === "65300" && accepted().length === 1;
}

interface Neighbor {
  readonly bgpState: string;
  readonly connectionsEstablished: number;
  readonly lastNotificationReason?: string;
  readonly neighborCapabilities?: { readonly multiprotocolExtensions?: Readonly<Record<string, object>> };
}

export function neighbor(): Neighbor {
  return (JSON.parse(vtysh("leaf01", "show bgp neighbors swp6 json")) as { swp6: Neighbor }).swp6;
}

/** The families that either side offered. */
export function families(): Readonly<Record<string, object>> {
  return neighbor().neighborCapabilities?.multiprotocolExtensions ?? {};
}

/** All paths to the service with their communities, for people. */
export function paths(): string {
  return vtysh("leaf01", `show bgp ipv4 unicast ${address}`);
}

/** AS path by prefix, as leaf01 heard it before any filter; empty without a session. */
export function received(): Readonly<Record<string, string>> {
  const { receivedRoutes = {} } = ask<{ receivedRoutes?: Record<string, { path: string }> }>("received-routes");
  return Object.fromEntries(Object.entries(receivedRoutes).map(([prefix, { path }]) => [prefix, path]));
}

/** Prefixes that leaf01 took from server01. */
export function accepted(): readonly string[] {
  return Object.keys(ask<{ routes?: object }>("routes").routes ?? {});
}

function ask<Answer>(what: string): Answer {
  return JSON.parse(vtysh("leaf01", `show bgp ipv4 unicast neighbors swp6 ${what} json`)) as Answer;
}

/** The ports by which a kernel sends packets for an address. */
export function ways(node: string, to: string): readonly string[] {
  return [...on(node, `ip route show ${to}`).matchAll(/dev (\S+)/g)].map(([, port = ""]) => port);
}
