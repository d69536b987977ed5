/** Row 12: the leaf's guard rails, as it holds them. That they stop a hostile server is shown by a live test. */
import type { Node, Plan } from "../plan/model.ts";
import { mostPrefixes } from "../plan/rails.ts";
import { plannedPeer } from "./expected-routes.ts";
import type { Ask, Check, Guards } from "./model.ts";
import { askBridgeFamily, askNeighbors, askPeerGroup, askServerGuard } from "./questions.ts";

/** Names and numbers that the playbook puts on server sessions: `playbooks/roles/bgp/templates`. */
const group = "anycast";
const filters = { group, prefixListIn: "anycast", prefixListOut: "NONE" } as const;
const alarm = { prefixes: mostPrefixes, restartMinutes: 1 } as const;

/** What each back end can say: a route-map's name differs, and NCLU has no words for it nor for the alarm. */
const rails: Readonly<Record<Node["guest"]["backend"], Guards>> = {
  frr: { ...filters, routeMapIn: "FROM-SERVER", alarm },
  nvue: { ...filters, routeMapIn: "FROMSERVER", alarm },
  nclu: filters,
};

export function railChecks(plan: Plan): readonly Check[] {
  return plan.nodes.flatMap((node) => [...sessionChecks(node), ...guardChecks(node)]);
}

function sessionChecks(leaf: Node): readonly Check[] {
  const neighbors = (leaf.bgp?.neighbors ?? []).filter((neighbor) => neighbor.group === "anycast");
  // NCLU's FRR 7.5 is older than the JSON of peer groups.
  const byNumber = leaf.guest.backend === "nclu" ? [] : [askPeerGroup(group)];
  const asks: readonly Ask[] = [askNeighbors, ...byNumber].map((question) => ({ node: leaf.name, question }));
  return neighbors.map((neighbor) => ({
    id: `guards/${leaf.name}/${neighbor.interface}`,
    row: 12,
    title: `${leaf.name} filters what ${neighbor.remote.node} announces on ${neighbor.interface}, and announces nothing to it`,
    node: leaf.name,
    asks,
    expect: { kind: "guards", peer: plannedPeer(neighbor), ...rails[leaf.guest.backend] },
    deadline: "settled",
  }));
}

/** Only the frr back end writes it: neither NCLU nor NVUE can say "bridge family". */
function guardChecks(leaf: Node): readonly Check[] {
  const ports = leaf.interfaces.filter(({ purpose }) => purpose === "access").map(({ name }) => name);
  if (leaf.role !== "leaf" || leaf.guest.backend !== "frr" || ports.length === 0) return [];
  return [
    {
      id: `server-guard/${leaf.name}`,
      row: 12,
      title: `${leaf.name} drops router advertisements and DHCP answers that come from servers on ${ports.join(", ")}`,
      node: leaf.name,
      asks: [askServerGuard, askBridgeFamily].map((question) => ({ node: leaf.name, question })),
      expect: { kind: "serverGuard", ports },
      deadline: "settled",
    },
  ];
}
