/** Topologies as values, so that the plan is tested without the parser. */
import type { Role } from "../../src/kinds/kind.ts";
import { defaultKinds } from "../../src/kinds/registry.ts";
import type {
  Topology,
  TopologyEnd,
  TopologyLink,
  TopologyNetwork,
  TopologyNode,
} from "../../src/topology/topology.ts";

export const defaults: Topology["defaults"] = {
  mtu: 9216,
  loopbacks: "10.100.0.0/24",
  management: "100.64.0.0/20",
  timers: {
    keepaliveS: 3,
    holdS: 9,
    connectS: 1,
    advertiseS: 1,
    bfd: { multiplier: 3, transmitMs: 300, receiveMs: 300 },
  },
};

export function node(name: string, role: Role, given: Partial<TopologyNode> = {}): TopologyNode {
  return { name, role, kind: defaultKinds[role], macs: {}, routes: [], ...given };
}

/** `link("leaf01:swp6 server01:em1", { … })`. */
export function link(ends: string, given: Partial<TopologyLink> = {}): TopologyLink {
  const [one = "", other = ""] = ends.split(" ");
  return { ends: [end(one), end(other)], ...given };
}

export function end(text: string): TopologyEnd {
  const [name = "", port = ""] = text.split(":");
  return { node: name, interface: port };
}

export function network(
  name: string,
  subnet: string,
  members: Readonly<Record<string, number>>,
  gateway?: string,
): TopologyNetwork {
  const ends = Object.entries(members).map(([text, host]) => Object.assign(end(text), { host }));
  return { name, subnet, members: ends, ...(gateway !== undefined && { gateway }) };
}

/** The same topology with one node changed. */
export function withNode(topology: Topology, name: string, given: Partial<TopologyNode>): Topology {
  const nodes = topology.nodes.map((each) => (each.name === name ? Object.assign({}, each, given) : each));
  return { ...topology, nodes };
}

/** 1 … count. */
function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function padded(stem: string, number: number): string {
  return `${stem}${String(number).padStart(2, "0")}`;
}

/**
 * S spines, L leaves, N servers on each leaf, an edge, a home router and a LAN; nothing given that can be derived. With
 * two spines the ports are those of the reference: swp5 and swp6 to the first server.
 */
export function fabricOf(spines: number, leaves: number, serversPerLeaf: number, name = "sample"): Topology {
  const serverOf = (leaf: number, index: number) => padded("server", (leaf - 1) * serversPerLeaf + index);
  const servers = range(leaves).flatMap((leaf) => range(serversPerLeaf).map((index) => serverOf(leaf, index)));
  return {
    name,
    defaults: { ...defaults, loopbacks: "10.100.0.0/22" },
    nodes: [
      ...range(spines).map((spine) => node(padded("spine", spine), "spine")),
      ...range(leaves).map((leaf) => node(padded("leaf", leaf), "leaf")),
      ...servers.map((server) => node(server, "server")),
      node("edge01", "edge"),
      node("router01", "router"),
      node("laptop", "client"),
      node("hypervisor", "client", { kind: "hypervisor" }),
      node("dhcp01", "dhcp"),
    ],
    links: [
      link("router01:eth2 edge01:swp1", { subnet: "10.200.0.0/30" }),
      ...range(spines).map((spine) =>
        link(`${padded("spine", spine)}:swp1 edge01:swp${spine + 1}`, { subnet: `10.0.${spine + 2}.0/30` }),
      ),
      ...range(spines).flatMap((spine) =>
        range(leaves).map((leaf) =>
          link(`${padded("spine", spine)}:swp${leaf + 2} ${padded("leaf", leaf)}:swp${spine}`),
        ),
      ),
      ...range(leaves).flatMap((leaf) =>
        range(serversPerLeaf).flatMap((index) => [
          link(`${padded("leaf", leaf)}:swp${spines + 2 * index + 1} ${serverOf(leaf, index)}:em0`, {
            vlan: "vlan100",
          }),
          link(`${padded("leaf", leaf)}:swp${spines + 2 * index + 2} ${serverOf(leaf, index)}:em1`),
        ]),
      ),
    ],
    networks: [
      network(
        "lan",
        "192.168.10.0/24",
        { "router01:eth1": 254, "laptop:eth1": 10, "hypervisor:lan0": 20, "dhcp01:eth1": 5 },
        "router01",
      ),
    ],
    vlans: [{ name: "vlan100", id: 100, vni: 10100, subnet: "172.16.0.0/20", gateway: "172.16.0.1", dhcp: "dhcp01" }],
    services: [{ name: "web", prefix: "172.20.0.1/32", servers, port: 80 }],
  };
}

/** The same topology without some nodes, their links and their part in services. */
export function without(topology: Topology, ...names: readonly string[]): Topology {
  return {
    ...topology,
    nodes: topology.nodes.filter(({ name }) => !names.includes(name)),
    links: topology.links.filter(({ ends }) => !ends.some((each) => names.includes(each.node))),
    services: topology.services.map((service) =>
      Object.assign({}, service, { servers: service.servers.filter((server) => !names.includes(server)) }),
    ),
  };
}
