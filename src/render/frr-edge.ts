/** The edge, and the other end of its sessions: it gives a default route, learns the fabric, and is told no default. */
import type { Bgp, Node, Plan } from "../plan/model.ts";
import { noDefaultList, prefixList, routerHeader } from "./frr-blocks.ts";
import { type PeerGroup, routerBgp } from "./frr-router.ts";

/** The lines of its configuration. */
export function renderEdge(plan: Plan, node: Node, bgp: Bgp): readonly string[] {
  const edge: PeerGroup = {
    name: "edge",
    ipv4: [
      ...(bgp.originatesDefault ? ["default-originate"] : []),
      "prefix-list NO-DEFAULT in",
      "prefix-list EDGE out",
    ],
  };
  return [...routerHeader(node), ...noDefaultList, ...announcedBy([node]), ...routerBgp(plan, bgp, { groups: [edge] })];
}

/** Edges as a spine or a border leaf sees them. */
export const edgePeers: PeerGroup = { name: "edge", ipv4: ["prefix-list EDGE in", "prefix-list NO-DEFAULT out"] };

/** The list that `edgePeers` needs; nothing on a router without an edge. */
export function edgeLists(plan: Plan, bgp: Bgp): readonly string[] {
  const names = new Set(bgp.neighbors.filter(({ group }) => group === "edge").map(({ remote }) => remote.node));
  return names.size === 0 ? [] : announcedBy(plan.nodes.filter(({ name }) => names.has(name)));
}

/** A default route, and what starts at the edges themselves. */
function announcedBy(edges: readonly Node[]): readonly string[] {
  const own = edges.flatMap(({ bgp }) => bgp?.announces ?? []);
  return prefixList(
    "EDGE",
    ["0.0.0.0/0", ...own].map((prefix) => ({ action: "permit", prefix })),
  );
}
