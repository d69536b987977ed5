/**
 * What labs on one vm-bhyve host must not share: its addresses and routes. The reference's lab keeps those that stand in
 * the article; every other gets its own, from its name alone, as it gets its names. A sandbox is nobody else's: netns
 * leaves everything as it is.
 */
import type { Hypervisor } from "../kinds/kind.ts";
import { hypervisorKind } from "../kinds/hypervisor.ts";
import { findKind } from "../kinds/registry.ts";
import { addressOf, countAddresses, formatSubnet, networkAddress, overlaps, subnetOf } from "../topology/ipv4.ts";
import { usedSubnets } from "../topology/subnets.ts";
import type { Topology } from "../topology/topology.ts";
import type { LeftOut } from "./model.ts";
import { mostTags, numberOfTag } from "./names.ts";

export interface Settled {
  readonly topology: Topology;
  readonly leftOut: readonly LeftOut[];
}

/** The topology as a lab of this name has it on such a host. */
export function settleOnHost(topology: Topology, hypervisor: Hypervisor, lab: string, tag: string): Settled {
  if (hypervisor !== "vm-bhyve") return { topology, leftOut: [] };
  const { defaults } = topology;
  const keeps = tag === "" || defaults.givenManagement === true;
  const management = keeps ? defaults.management : sliceFor(topology, tag);
  return leaveHostOut({ ...topology, defaults: { ...defaults, management } }, lab);
}

/** RFC 6598's block, of which the default lab has the first /20. */
const block = subnetOf("100.64.0.0/10");
const sliceLength = 20;

/**
 * The slice of the tag: labs that may share a host have different tags, and so different slices. One in which the topology
 * itself has something is passed over.
 */
function sliceFor(topology: Topology, tag: string): string {
  const size = countAddresses({ address: 0, length: sliceLength });
  const count = countAddresses(block) / size;
  const own = usedSubnets(topology).flatMap(({ path, subnet }) => (path.includes("management") ? [] : [subnet]));
  const services = topology.services.map(({ prefix }) => subnetOf(prefix));
  const loopbacks = topology.nodes.flatMap(({ loopback }) =>
    loopback === undefined ? [] : [{ address: addressOf(loopback), length: 32 }],
  );
  const used = [...own, ...services, ...loopbacks];
  for (let round = 0; round < count; round += 1) {
    const index = 1 + ((numberOfTag(tag) + mostTags * round) % (count - 1));
    const slice = { address: networkAddress(block) + index * size, length: sliceLength };
    if (!used.some((subnet) => overlaps(slice, subnet))) return formatSubnet(slice);
  }
  return topology.defaults.management;
}

/**
 * The hypervisor has one address on a network and one route to a service, and those are for the lab that the file names. A
 * copy of it under another name does without the client, if another can stand in for it: then two of them fit on a host.
 */
function leaveHostOut(topology: Topology, lab: string): Settled {
  const leftOut = topology.nodes.filter(({ kind }) => kind === hypervisorKind.name).map(({ name }) => name);
  const standIn = topology.nodes.some(
    ({ role, kind }) => role === "client" && findKind(kind)?.ports.management !== undefined,
  );
  if (lab === topology.name || leftOut.length === 0 || !standIn) return { topology, leftOut: [] };
  const stays = (name: string) => !leftOut.includes(name);
  const networks = topology.networks.map((network) =>
    Object.assign({}, network, { members: network.members.filter(({ node }) => stays(node)) }),
  );
  return {
    topology: { ...topology, nodes: topology.nodes.filter(({ name }) => stays(name)), networks },
    leftOut: leftOut.map((node) => ({
      node,
      why: `the host's place on its networks is ${topology.name}'s; ${lab} is a copy`,
    })),
  };
}
