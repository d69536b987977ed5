/** Interfaces of every node, as its guest will show them. */
import type { TopologyNode } from "../topology/topology.ts";
import type { Cable } from "./cables.ts";
import { keyOf } from "./end.ts";
import { linkLocalOf } from "./mac.ts";
import type { Interface } from "./model.ts";
import { splitName } from "../topology/numbers.ts";

/** By node name: the management port first, then data ports in natural order (swp2 before swp10). */
export function listInterfaces(
  nodes: readonly TopologyNode[],
  cables: readonly Cable[],
  macs: ReadonlyMap<string, string>,
): ReadonlyMap<string, readonly Interface[]> {
  const byNode = new Map<string, Interface[]>(nodes.map((node) => [node.name, []]));
  for (const cable of cables) {
    for (const end of cable.ends) {
      const mac = macs.get(keyOf(end)) ?? "";
      const peer = cable.kind === "link" ? cable.ends.find((other) => other !== end) : undefined;
      const { node, interface: name, ...rest } = end;
      byNode.get(node)?.push({
        name,
        mac,
        linkLocal: linkLocalOf(mac),
        mtu: cable.mtu,
        segment: cable.name,
        ...rest,
        ...(peer && { peer: { node: peer.node, interface: peer.interface } }),
      });
    }
  }
  for (const interfaces of byNode.values()) interfaces.sort(comparePorts);
  return byNode;
}

function comparePorts(one: Interface, other: Interface): number {
  const management = Number(other.purpose === "management") - Number(one.purpose === "management");
  return management === 0 ? compareNatural(one.name, other.name) : management;
}

function compareNatural(one: string, other: string): number {
  const [a, b] = [splitName(one), splitName(other)];
  if (a.stem !== b.stem) return a.stem < b.stem ? -1 : 1;
  return Number(a.digits) - Number(b.digits);
}
