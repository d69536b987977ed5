/** The fabric on which the fixtures were captured: leaf01 has two servers, leaf02 one; the laptop's gateway is the edge. */
import { compilePlan } from "../../src/plan/compile.ts";
import type { Plan } from "../../src/plan/model.ts";
import type { Topology, TopologyNode } from "../../src/topology/topology.ts";
import type { Role } from "../../src/kinds/kind.ts";

function node(name: string, role: Role, kind: string, rest: Partial<TopologyNode> = {}): TopologyNode {
  return { name, role, kind, macs: {}, routes: [], ...rest };
}

function mac(last: string): string {
  return `58:9c:fc:00:00:${last}`;
}

function link(one: string, other: string, rest: { subnet?: string; vlan?: string } = {}): Topology["links"][number] {
  const end = (text: string) => {
    const [name = "", port = ""] = text.split(":");
    return { node: name, interface: port };
  };
  return { ends: [end(one), end(other)], ...rest };
}

const vlan = "vlan100";

const topology: Topology = {
  name: "small",
  defaults: {
    mtu: 9216,
    loopbacks: "10.100.0.0/24",
    management: "100.64.0.0/20",
    timers: { keepaliveS: 3, holdS: 9, connectS: 1, bfd: { multiplier: 3, transmitMs: 300, receiveMs: 300 } },
  },
  nodes: [
    node("edge01", "edge", "debian-frr", { asn: 65000, macs: { swp1: mac("02"), swp2: mac("03") } }),
    node("spine01", "spine", "debian-frr", {
      asn: 65100,
      loopback: "10.100.0.1",
      macs: { swp1: mac("04"), swp3: mac("05"), swp4: mac("06") },
    }),
    node("leaf01", "leaf", "debian-frr", {
      asn: 65201,
      loopback: "10.100.0.3",
      macs: { swp1: "58:9c:fc:01:53:81", swp5: mac("07"), swp6: mac("08"), swp7: mac("0d"), swp8: mac("0f") },
    }),
    node("leaf02", "leaf", "debian-frr", {
      asn: 65202,
      loopback: "10.100.0.4",
      macs: { swp1: "58:9c:fc:05:17:d7", swp5: mac("09"), swp6: mac("0b") },
    }),
    node("server01", "server", "freebsd-server", { macs: { em0: "58:9c:fc:00:5e:43", em1: "58:9c:fc:04:71:4e" } }),
    node("server02", "server", "freebsd-server", { macs: { em0: mac("0a"), em1: mac("0c") } }),
    node("server03", "server", "freebsd-server", { macs: { em0: mac("0e"), em1: mac("10") } }),
    node("laptop", "client", "debian-host", { macs: { eth1: mac("01") } }),
    node("dhcp01", "dhcp", "debian-host"),
  ],
  links: [
    link("spine01:swp1", "edge01:swp2", { subnet: "10.0.3.0/30" }),
    link("spine01:swp3", "leaf01:swp1"),
    link("spine01:swp4", "leaf02:swp1"),
    link("leaf01:swp5", "server01:em0", { vlan }),
    link("leaf01:swp6", "server01:em1"),
    link("leaf02:swp5", "server02:em0", { vlan }),
    link("leaf02:swp6", "server02:em1"),
    link("leaf01:swp7", "server03:em0", { vlan }),
    link("leaf01:swp8", "server03:em1"),
  ],
  networks: [
    {
      name: "lan",
      subnet: "192.168.10.0/24",
      gateway: "edge01",
      members: [
        { node: "edge01", interface: "swp1", host: 254 },
        { node: "laptop", interface: "eth1", host: 10 },
        { node: "dhcp01", interface: "eth1", host: 5 },
      ],
    },
  ],
  vlans: [{ name: vlan, id: 100, vni: 10100, subnet: "172.16.0.0/24", gateway: "172.16.0.1", dhcp: "dhcp01" }],
  services: [{ name: "web", prefix: "172.20.0.1/32", servers: ["server01", "server02", "server03"], port: 80 }],
};

export const smallPlan: Plan = compilePlan(topology, { hypervisor: "netns" });
