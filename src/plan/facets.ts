/** What of a plan shows in the files of one node, apart from its ports and neighbors. */
import { keyOf } from "./end.ts";
import type { Node, Plan, Vlan } from "./model.ts";

/** A node and the plan around it: a file may show more of the plan than the node itself. */
export interface Placed {
  readonly plan: Plan;
  readonly node: Node;
}

/** Name of a facet, as reasons say it → its value. Undefined is as good as absent. */
export type Facets = Readonly<Record<string, unknown>>;

/** Everything else that shows in a node's files. Lists of other nodes are left out where no file of this node has them. */
export function facetsOf({ plan, node }: Placed): Facets {
  const served = plan.vlans.filter(({ dhcp }) => dhcp?.server === node.name);
  return {
    loopback: node.loopback,
    "AS number": node.bgp?.asn,
    "router id": node.bgp?.routerId,
    "announced prefixes": node.bgp?.announces,
    "default route for the edge": node.bgp?.originatesDefault,
    "static routes": node.routes,
    "kernel settings": node.sysctls,
    "address for SSH": node.reach.address,
    ...(node.bgp && { timers: plan.timers }),
    ...(node.role === "leaf" && {
      VLANs: plan.vlans.map(({ leaves: _leaves, ...vlan }) => vlan),
      "accepted prefixes": plan.services.map(({ prefix }) => prefix),
    }),
    ...(served.length > 0 && {
      "DHCP subnets": served.map(({ name, subnet, gateway, mtu }) => ({ name, subnet, gateway, mtu })),
      "DHCP leases": leasesOn(plan, served),
    }),
    // Servers are configured alike, for every service of the lab, whichever of them they run.
    ...(node.role === "server" && {
      "anycast services": plan.services.map(({ servers: _servers, ...service }) => service),
      "services it runs": node.services,
    }),
  };
}

function leasesOn(plan: Plan, vlans: readonly Vlan[]): readonly (readonly string[])[] {
  const names = new Set(vlans.map(({ name }) => name));
  return plan.nodes.flatMap((node) =>
    node.interfaces.flatMap(({ name, mac, dhcp, vlan }) =>
      dhcp !== undefined && names.has(vlan ?? "") ? [[keyOf({ node: node.name, interface: name }), mac, dhcp]] : [],
    ),
  );
}

/** One reason for each facet that differs. */
export function compareFacets(before: Facets, after: Facets): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((facet) => !isEqual(before[facet], after[facet]))
    .map((facet) => showChange(facet, before[facet], after[facet]));
}

/** Short values are shown, lists are only named. */
export function showChange(what: string, before: unknown, after: unknown): string {
  if (!isShort(before) || !isShort(after)) return `${what} changed`;
  return `${what} ${String(before ?? "none")} → ${String(after ?? "none")}`;
}

function isShort(value: unknown): boolean {
  return value === undefined || typeof value === "string" || typeof value === "number";
}

/** Plans are JSON values made by one compiler, so equal values have equal text. */
export function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
