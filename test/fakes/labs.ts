import { type Design, designLab } from "../../src/flow/design.ts";
import type { LabKeys } from "../../src/flow/keys.ts";
import type { Hypervisor } from "../../src/kinds/kind.ts";
import type { Plan } from "../../src/plan/model.ts";
import type { Topology } from "../../src/topology/topology.ts";
import { link, node } from "../plan/topologies.ts";
import { duo } from "../render/topologies.ts";

export function designOf(topology: Topology, hypervisor: Hypervisor = "netns"): Design {
  return designLab(topology, { hypervisor });
}

/** Two guests of one image, and two switches: enough where something goes wrong with one of them. */
export const small: Topology = {
  ...duo,
  nodes: [node("spine01", "spine"), node("leaf01", "leaf")],
  links: [link("spine01:swp3 leaf01:swp1")],
  networks: [],
  vlans: [],
  services: [],
};

/** The same fabric with one leaf and its server more. */
export function withLeaf(topology: Topology, leaf = "leaf99", server = "server99"): Topology {
  const spines = topology.nodes.filter(({ role }) => role === "spine");
  return {
    ...topology,
    nodes: [...topology.nodes, node(leaf, "leaf"), node(server, "server")],
    links: [
      ...topology.links,
      ...spines.map(({ name }, index) => link(`${name}:swp20 ${leaf}:swp${index + 1}`)),
      link(`${leaf}:swp5 ${server}:em0`, { vlan: "vlan100" }),
      link(`${leaf}:swp6 ${server}:em1`),
    ],
    services: topology.services.map((service) => Object.assign({}, service, { servers: [...service.servers, server] })),
  };
}

const pair = (name: string) => ({ private: `private key of ${name}\n`, public: `ssh-ed25519 ${name}` });

/** Keys that are none, the same in every run. */
export function fixedKeys(plan: Plan): LabKeys {
  return { identity: pair("lab"), hosts: new Map(plan.nodes.map(({ name }) => [name, pair(name)])) };
}
