/** Ways through the nodes that route statically, up to the nearest BGP speakers. */
import { addressAt, type Fabric, interfacesOf } from "./fabric.ts";
import type { Interface } from "./model.ts";

/** A node that can be reached, and the address of the first step towards it. */
export interface Hop {
  readonly node: string;
  readonly via: string;
}

/** Breadth first, so the nearest first. A BGP speaker ends the search beyond itself, since it knows the rest. */
export function searchFrom(fabric: Fabric, start: string): readonly Hop[] {
  const seen = new Set([start]);
  const found: Hop[] = [];
  let frontier = neighboursOf(fabric, start);
  while (frontier.length > 0) {
    const next: Hop[] = [];
    for (const hop of frontier) {
      if (seen.has(hop.node)) continue;
      seen.add(hop.node);
      found.push(hop);
      if (fabric.asns.has(hop.node)) continue;
      next.push(...neighboursOf(fabric, hop.node).map(({ node }) => ({ node, via: hop.via })));
    }
    frontier = next;
  }
  return found;
}

/** Every router and speaker on the same subnets, with its address there. */
function neighboursOf(fabric: Fabric, node: string): readonly Hop[] {
  const ports = interfacesOf(fabric, node);
  return [
    ...ports.flatMap((port) => acrossLink(fabric, port)),
    ...ports.flatMap((port) => acrossNetwork(fabric, node, port)),
  ];
}

function acrossLink(fabric: Fabric, { purpose, peer }: Interface): readonly Hop[] {
  if (purpose !== "numbered" || peer === undefined) return [];
  const via = addressAt(fabric, peer);
  return via === undefined ? [] : [{ node: peer.node, via }];
}

function acrossNetwork(fabric: Fabric, node: string, { name: port, purpose }: Interface): readonly Hop[] {
  if (purpose !== "network") return [];
  const network = fabric.topology.networks.find(({ members }) =>
    members.some((member) => member.node === node && member.interface === port),
  );
  return (network?.members ?? []).flatMap((member): readonly Hop[] => {
    const routes = fabric.nodes.get(member.node)?.role === "router" || fabric.asns.has(member.node);
    const via = addressAt(fabric, member);
    return routes && member.node !== node && via !== undefined ? [{ node: member.node, via }] : [];
  });
}
