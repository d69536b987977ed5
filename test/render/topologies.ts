/** The shipped labs as values, so that rendering is tested without the parser. */
import type { Kind } from "../../src/kinds/kind.ts";
import { compilePlan } from "../../src/plan/compile.ts";
import type { Node, Plan } from "../../src/plan/model.ts";
import type { Topology, TopologyNode } from "../../src/topology/topology.ts";
import { defaults, link, network, node } from "../plan/topologies.ts";

export const duo: Topology = {
  name: "duo",
  defaults,
  nodes: [
    node("spine01", "spine"),
    node("leaf01", "leaf"),
    node("server01", "server"),
    node("laptop", "client"),
    node("dhcp01", "dhcp"),
  ],
  links: [
    link("spine01:swp3 leaf01:swp1"),
    link("leaf01:swp5 server01:em0", { vlan: "vlan100" }),
    link("leaf01:swp6 server01:em1"),
  ],
  networks: [
    network("lan", "192.168.10.0/24", { "spine01:swp1": 254, "laptop:eth1": 10, "dhcp01:eth1": 5 }, "spine01"),
  ],
  vlans: [{ name: "vlan100", id: 100, vni: 10100, subnet: "172.16.0.0/24", gateway: "172.16.0.1", dhcp: "dhcp01" }],
  services: [{ name: "web", prefix: "172.20.0.1/32", servers: ["server01"], port: 80 }],
};

const padded = (stem: string, number: number) => `${stem}${String(number).padStart(2, "0")}`;
const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const uplinkMacs = ["58:9c:fc:01:53:81", "58:9c:fc:05:17:d7", "58:9c:fc:02:af:cd", "58:9c:fc:0e:b3:f9"];
const serverMacs = { em0: "58:9c:fc:00:5e:43", em1: "58:9c:fc:04:71:4e" };

/** The reference fabric: two spines, four leaves, any number of servers on each leaf. */
function reference(name: string, serversPerLeaf: number): Topology {
  const spines = range(2).map((spine) => padded("spine", spine));
  const leaves = range(4).map((leaf) => padded("leaf", leaf));
  const servers = range(4 * serversPerLeaf).map((server) => padded("server", server));
  const serverLinks = leaves.flatMap((leaf, index) =>
    servers
      .slice(index * serversPerLeaf, (index + 1) * serversPerLeaf)
      .flatMap((server, place) => [
        link(`${leaf}:swp${5 + 2 * place} ${server}:em0`, { vlan: "vlan100" }),
        link(`${leaf}:swp${6 + 2 * place} ${server}:em1`),
      ]),
  );
  return {
    name,
    defaults,
    nodes: [
      ...spines.map((spine, index) => node(spine, "spine", { asn: 65100, loopback: `10.100.0.${index + 1}` })),
      ...leaves.map((leaf, index) => fixedLeaf(leaf, index)),
      ...servers.map((server) => node(server, "server", server === "server01" ? { macs: serverMacs } : {})),
      node("edge01", "edge", { asn: 65000 }),
      node("router01", "router"),
      node("laptop", "client"),
      node("hypervisor", "client", { kind: "hypervisor" }),
      node("fileserver", "client"),
      node("dhcp01", "dhcp"),
    ],
    links: [
      link("router01:eth2 edge01:swp1", { subnet: "10.200.0.0/30" }),
      ...spines.map((spine, index) =>
        link(`${spine}:swp1 edge01:swp${index + 2}`, { subnet: `10.0.${index + 3}.0/30` }),
      ),
      ...spines.flatMap((spine, one) =>
        leaves.map((leaf, two) => link(`${spine}:swp${two + 3} ${leaf}:swp${one + 1}`)),
      ),
      ...serverLinks,
    ],
    networks: [
      network(
        "lan",
        "192.168.10.0/24",
        { "router01:eth1": 254, "laptop:eth1": 10, "hypervisor:lan0": 20, "fileserver:eth1": 30, "dhcp01:eth1": 5 },
        "router01",
      ),
    ],
    vlans: [{ name: "vlan100", id: 100, vni: 10100, subnet: "172.16.0.0/24", gateway: "172.16.0.1", dhcp: "dhcp01" }],
    services: [{ name: "web", prefix: "172.20.0.1/32", servers, port: 80 }],
  };
}

function fixedLeaf(name: string, index: number): TopologyNode {
  const macs = { swp1: uplinkMacs[index] ?? "" };
  return node(name, "leaf", { asn: 65201 + index, loopback: `10.100.0.${index + 3}`, macs });
}

export const anycast = reference("anycast", 1);
export const anycastDense = reference("anycast-dense", 4);

/** A topology whose leaves are of another kind. */
export function withLeaves(topology: Topology, kind: Kind): Topology {
  return {
    ...topology,
    nodes: topology.nodes.map((given) =>
      given.role === "leaf" ? Object.assign({}, given, { kind: kind.name }) : given,
    ),
  };
}

export const onNetns = (topology: Topology): Plan => compilePlan(topology, { hypervisor: "netns" });
export const onBhyve = (topology: Topology): Plan => compilePlan(topology, { hypervisor: "vm-bhyve" });

export function nodeOf(plan: Plan, name: string): Node {
  const found = plan.nodes.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no node ${name}`);
  return found;
}
