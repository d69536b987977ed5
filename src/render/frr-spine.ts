/** A spine: carries what leaves announce, and hears a default route from the edge alone. */
import type { Bgp, Node, Plan } from "../plan/model.ts";
import { anyList, anyMap, evpnLines, noDefaultList, routerHeader } from "./frr-blocks.ts";
import { edgeLists, edgePeers } from "./frr-edge.ts";
import { routerBgp } from "./frr-router.ts";

/** The lines of its configuration. */
export function renderSpine(plan: Plan, node: Node, bgp: Bgp): readonly string[] {
  const fabric = {
    name: "fabric" as const,
    ipv4: [`prefix-list ${hasBorderLeaf(plan) ? "ANY" : "NO-DEFAULT"} in`, "prefix-list ANY out"],
  };
  return [
    ...routerHeader(node),
    ...anyList,
    ...noDefaultList,
    ...anyMap,
    ...edgeLists(plan, bgp),
    ...routerBgp(plan, bgp, {
      groups: [fabric, edgePeers],
      ...(plan.vlans.length > 0 && { evpn: evpnLines }),
    }),
  ];
}

/** Where an edge hangs on a leaf, the default route comes up from there. */
function hasBorderLeaf(plan: Plan): boolean {
  return plan.nodes.some(({ role, bgp }) => role === "leaf" && bgp?.neighbors.some(({ group }) => group === "edge"));
}
