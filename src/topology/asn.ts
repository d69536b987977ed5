/**
 * AS numbers: the given ones, else one for all spines, one for all servers, one for each leaf and edge. Here and not in the
 * plan, because the rules must look at the same numbers that the plan will have.
 */
import type { Topology, TopologyNode } from "./topology.ts";
import { mostNodes, numberNodes } from "./numbers.ts";

/** Shared by all spines, so that a path through two spines is a loop and never chosen (no valleys). */
const spineAsn = 65100;
/** Shared by all servers, so that their configuration can be the same letter for letter. */
const serverAsn = 65300;
const firstEdgeAsn = 65000;
/** Leaf 1 is 65201. There is room for 99 below the servers; later leaves are numbered from the 32-bit private range. */
const leafBase = 65200;
const leafBase32 = 4_200_065_200;

/** By node name: the AS number of every BGP speaker; others have one only if it is given. Leaves never share a derived one. */
export function assignAsns(topology: Topology, numbers = numberNodes(topology)): ReadonlyMap<string, number> {
  const asns = new Map<string, number>();
  for (const node of topology.nodes) {
    const asn = node.asn ?? sharedAsn(node, numbers.get(node.name) ?? 1);
    if (asn !== undefined) asns.set(node.name, asn);
  }
  const taken = new Set(asns.values());
  for (const node of topology.nodes) {
    if (node.role === "leaf" && !asns.has(node.name)) {
      asns.set(node.name, leafAsn(numbers.get(node.name) ?? 1, taken));
    }
  }
  return asns;
}

function sharedAsn({ role }: TopologyNode, number: number): number | undefined {
  if (role === "spine") return spineAsn;
  if (role === "server") return serverAsn;
  return role === "edge" ? firstEdgeAsn + number - 1 : undefined;
}

/** A number that was given to somebody else leads to the 32-bit range, where the next is `mostNodes` further. */
function leafAsn(number: number, taken: Set<number>): number {
  let asn = leafBase + number;
  if (number > 99 || taken.has(asn)) asn = leafBase32 + number;
  while (taken.has(asn)) asn += mostNodes;
  taken.add(asn);
  return asn;
}
