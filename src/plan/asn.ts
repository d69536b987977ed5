/** AS numbers: the given ones, else one for all spines, one for all servers, one for each leaf and edge. */
import type { Topology, TopologyNode } from "../topology/topology.ts";

/** Shared by all spines, so that a path through two spines is a loop and never chosen (no valleys). */
const spineAsn = 65100;
/** Shared by all servers, so that their configuration can be the same letter for letter. */
const serverAsn = 65300;
const firstEdgeAsn = 65000;
/** Leaf 1 is 65201. There is room for 99 below the servers; later leaves are numbered from the 32-bit private range. */
const leafBase = 65200;
const leafBase32 = 4_200_065_200;

/** The AS number of every BGP speaker; clients, routers and DHCP servers have none. Leaves never share one. */
export function assignAsns(topology: Topology, numbers: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const given = new Set(topology.nodes.flatMap((node) => node.asn ?? []));
  const asns = new Map<string, number>();
  for (const node of topology.nodes) {
    const asn = node.asn ?? deriveAsn(node, numbers.get(node.name) ?? 1, given);
    if (asn !== undefined && isSpeaker(node)) asns.set(node.name, asn);
  }
  return asns;
}

/** BGP runs on these; everything else routes statically. */
function isSpeaker(node: TopologyNode): boolean {
  return node.role === "spine" || node.role === "leaf" || node.role === "edge" || node.role === "server";
}

function deriveAsn(node: TopologyNode, number: number, given: ReadonlySet<number>): number | undefined {
  if (node.role === "spine") return spineAsn;
  if (node.role === "server") return serverAsn;
  if (node.role === "edge") return firstEdgeAsn + number - 1;
  if (node.role !== "leaf") return undefined;
  const asn = leafBase + number;
  return number <= 99 && !given.has(asn) ? asn : leafBase32 + number;
}
