/** The fabric on which the fixtures were captured: leaf01 has two servers, leaf02 one; the laptop's gateway is the edge. */
import { compilePlan } from "../../src/plan/compile.ts";
import type { Plan } from "../../src/plan/model.ts";
import type { Topology } from "../../src/topology/topology.ts";
import { defaults, link, network, node } from "../plan/topologies.ts";

function mac(last: string): string {
  return `58:9c:fc:00:00:${last}`;
}

const vlan = "vlan100";

const topology: Topology = {
  name: "small",
  defaults,
  nodes: [
    node("edge01", "edge", { asn: 65000, macs: { swp1: mac("02"), swp2: mac("03") } }),
    node("spine01", "spine", {
      asn: 65100,
      loopback: "10.100.0.1",
      macs: { swp1: mac("04"), swp3: mac("05"), swp4: mac("06") },
    }),
    node("leaf01", "leaf", {
      asn: 65201,
      loopback: "10.100.0.3",
      macs: { swp1: "58:9c:fc:01:53:81", swp5: mac("07"), swp6: mac("08"), swp7: mac("0d"), swp8: mac("0f") },
    }),
    node("leaf02", "leaf", {
      asn: 65202,
      loopback: "10.100.0.4",
      macs: { swp1: "58:9c:fc:05:17:d7", swp5: mac("09"), swp6: mac("0b") },
    }),
    node("server01", "server", { macs: { em0: "58:9c:fc:00:5e:43", em1: "58:9c:fc:04:71:4e" } }),
    node("server02", "server", { macs: { em0: mac("0a"), em1: mac("0c") } }),
    node("server03", "server", { macs: { em0: mac("0e"), em1: mac("10") } }),
    node("laptop", "client", { macs: { eth1: mac("01") } }),
    node("dhcp01", "dhcp"),
  ],
  links: [
    link("spine01:swp1 edge01:swp2", { subnet: "10.0.3.0/30" }),
    link("spine01:swp3 leaf01:swp1"),
    link("spine01:swp4 leaf02:swp1"),
    link("leaf01:swp5 server01:em0", { vlan }),
    link("leaf01:swp6 server01:em1"),
    link("leaf02:swp5 server02:em0", { vlan }),
    link("leaf02:swp6 server02:em1"),
    link("leaf01:swp7 server03:em0", { vlan }),
    link("leaf01:swp8 server03:em1"),
  ],
  networks: [network("lan", "192.168.10.0/24", { "edge01:swp1": 254, "laptop:eth1": 10, "dhcp01:eth1": 5 }, "edge01")],
  vlans: [{ name: vlan, id: 100, vni: 10100, subnet: "172.16.0.0/24", gateway: "172.16.0.1", dhcp: "dhcp01" }],
  services: [{ name: "web", prefix: "172.20.0.1/32", servers: ["server01", "server02", "server03"], port: 80 }],
};

export const smallPlan: Plan = compilePlan(topology, { hypervisor: "netns" });
