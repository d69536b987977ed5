/** Static routes of nodes: to subnets, by next hops that are there. */
import type { Mistake, Path } from "./mistake.ts";
import { addressOf, containsAddress, formatAddress, networkAddress, subnetOf } from "./ipv4.ts";
import type { Rule } from "./subject.ts";
import type { Topology } from "./topology.ts";

function routesOf(topology: Topology) {
  return topology.nodes.flatMap(({ name, routes }) =>
    routes.map(({ to, via }, index) => ({ name, to, via, path: ["nodes", name, "routes", index] satisfies Path })),
  );
}

const destinationsAreNetworks: Rule = ({ topology }) =>
  routesOf(topology).flatMap(({ to, path }): readonly Mistake[] => {
    const { address, length } = subnetOf(to);
    const network = networkAddress({ address, length });
    if (network === address) return [];
    const message = `${to} is an address in a subnet, not a subnet`;
    return [{ path: [...path, "to"], message, hint: `Write ${formatAddress(network)}/${length}` }];
  });

const nextHopsAreNear: Rule = ({ topology, complete }) => {
  const routes = routesOf(topology);
  if (routes.length === 0 || !complete) return [];
  const near = subnetsByNode(topology);
  return routes.flatMap(({ name, via, path }): readonly Mistake[] => {
    const subnets = near.get(name) ?? [];
    if (subnets.some((subnet) => containsAddress(subnetOf(subnet), addressOf(via)))) return [];
    const hint = subnets.length === 0 ? `${name} is on no subnet` : `${name} is on ${subnets.slice(0, 8).join(", ")}`;
    return [{ path: [...path, "via"], message: `${name} cannot reach the next hop ${via}`, hint }];
  });
};

/** Where a next hop can be, by node: numbered links, VLAN ports and networks. */
function subnetsByNode({ links, networks, vlans }: Topology): ReadonlyMap<string, readonly string[]> {
  const byNode = new Map<string, string[]>();
  const ofVlans = new Map(vlans.map((vlan) => [vlan.name, vlan.subnet]));
  const plugged = [
    ...links.map(({ ends, subnet, vlan }) => ({ subnet: subnet ?? ofVlans.get(vlan ?? ""), nodes: ends })),
    ...networks.map(({ subnet, members }) => ({ subnet, nodes: members })),
  ];
  for (const { subnet, nodes } of plugged) {
    if (subnet === undefined) continue;
    for (const { node } of nodes) {
      const near = byNode.get(node);
      if (near === undefined) byNode.set(node, [subnet]);
      else near.push(subnet);
    }
  }
  return byNode;
}

/** The rules of this file, in the order they are told. */
export const routeRules: readonly Rule[] = [destinationsAreNetworks, nextHopsAreNear];
