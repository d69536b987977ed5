/**
 * A leaf without its servers: underlay and EVPN. The anycast session, its filters and its guard rails are the playbook's
 * (`playbooks/roles/bgp`), which adds a fragment of its own; the names of lists here and there must not meet.
 */
import type { Bgp, Node, Plan } from "../plan/model.ts";
import { anyList, anyMap, evpnLines, noDefaultList, routerHeader } from "./frr-blocks.ts";
import { edgeLists, edgePeers } from "./frr-edge.ts";
import { type PeerGroup, routerBgp } from "./frr-router.ts";
import { line } from "./line.ts";

const fabric: PeerGroup = { name: "fabric", ipv4: ["prefix-list ANY in", "filter-list NO-VALLEY out"] };

/** The lines of its configuration, without the sessions that the playbook makes. */
export function renderLeaf(plan: Plan, node: Node, bgp: Bgp): readonly string[] {
  const edges = edgeLists(plan, bgp);
  return [
    ...routerHeader(node),
    ...anyList,
    ...anyMap,
    ...(edges.length === 0 ? [] : [...noDefaultList, ...edges]),
    ...noValleyList(bgp),
    ...routerBgp(plan, bgp, {
      groups: [fabric, edgePeers],
      ...(plan.vlans.length > 0 && { evpn: [...evpnLines, "advertise-all-vni"] }),
    }),
  ];
}

/** What came from a spine never goes up again: a leaf is no transit between spines. */
function noValleyList(bgp: Bgp): readonly string[] {
  const spines = bgp.neighbors.filter(({ group }) => group === "fabric").map(({ remoteAsn }) => remoteAsn);
  const denied = [...new Set(spines)].toSorted((one, other) => one - other);
  const rules = [...denied.map((asn) => `deny ^${asn}_`), "permit .*"];
  return [
    ...rules.map((rule, index) => `${line`bgp as-path access-list NO-VALLEY seq ${(index + 1) * 5}`} ${rule}`),
    "!",
  ];
}
