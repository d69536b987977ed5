/** Anycast services: one host route each, of addresses that nothing else has, on servers that can announce it. */
import type { Mistake } from "./mistake.ts";
import { formatAddress, networkAddress, subnetOf } from "./ipv4.ts";
import { joins, unknownNode, type Rule } from "./subject.ts";
import { faultOfBlock } from "./special.ts";
import { subnetFinder, usedSubnets } from "./subnets.ts";
import { withArticle } from "./words.ts";

const prefixesAreHostRoutes: Rule = ({ topology }) =>
  topology.services.flatMap(({ name, prefix }): readonly Mistake[] => {
    const subnet = subnetOf(prefix);
    if (subnet.length === 32) return [];
    const host = networkAddress(subnet) === subnet.address && subnet.length < 31 ? subnet.address + 1 : subnet.address;
    return [
      {
        path: ["anycast", name, "prefix"],
        message: `${prefix} is not a host route`,
        hint: `A service is one address; write a /32, such as ${formatAddress(host)}/32`,
      },
    ];
  });

const prefixesAreUsable: Rule = ({ topology }) =>
  topology.services.flatMap(({ name, prefix }): readonly Mistake[] => {
    const fault = faultOfBlock(subnetOf(prefix));
    const hint = "Take a unicast address that nothing else uses, e.g. 172.20.0.1/32";
    return fault === undefined
      ? []
      : [{ path: ["anycast", name, "prefix"], message: `${prefix} cannot be a service: ${fault}`, hint }];
  });

/** Inside a subnet, hosts would ask for it by ARP instead of routing to it. */
const prefixesAreApart: Rule = ({ topology }) => {
  const find = subnetFinder(usedSubnets(topology));
  return topology.services.flatMap(({ name, prefix }): readonly Mistake[] => {
    const inside = find(networkAddress(subnetOf(prefix)));
    const hint = "Take an address outside of every subnet, e.g. 172.20.0.1/32";
    return inside === undefined
      ? []
      : [{ path: ["anycast", name, "prefix"], message: `${prefix} lies in ${inside.text} of ${inside.owner}`, hint }];
  });
};

const prefixesDiffer: Rule = ({ topology }) => {
  const owners = new Map<string, string>();
  return topology.services.flatMap(({ name, prefix }): readonly Mistake[] => {
    const owner = owners.get(prefix);
    owners.set(prefix, owner ?? name);
    if (owner === undefined) return [];
    const hint = "A host route belongs to one service; give each its own";
    return [{ path: ["anycast", name, "prefix"], message: `${name} has the prefix ${prefix} of ${owner}`, hint }];
  });
};

const serversExist: Rule = (subject) =>
  subject.topology.services.flatMap(({ name, servers }) => {
    const seen = new Set<string>();
    return servers.flatMap((server, index): readonly Mistake[] => {
      const path = ["anycast", name, "servers", index];
      const again = seen.has(server);
      seen.add(server);
      const role = subject.nodes.get(server)?.role;
      if (role === undefined) return unknownNode(subject, server, path, "server");
      if (again) return [{ path, message: `${server} is listed twice`, hint: "Once is enough" }];
      if (role === "server") return [];
      const hint = "Services run on nodes with the role server";
      return [{ path, message: `${server} is ${withArticle(role)} and cannot run ${name}`, hint }];
    });
  });

/** Said once for a server, at the first service that names it. */
const serversCanAnnounce: Rule = (subject) => {
  if (!subject.complete) return [];
  const peers = subject.topology.links.filter(
    (link) => link.vlan === undefined && joins(subject, link, "leaf", "server"),
  );
  const linked = new Set(peers.flatMap((link) => link.ends.map((end) => end.node)));
  const said = new Set<string>();
  return subject.topology.services.flatMap(({ name, servers }) =>
    servers.flatMap((server, index): readonly Mistake[] => {
      if (subject.nodes.get(server)?.role !== "server" || linked.has(server) || said.has(server)) return [];
      said.add(server);
      return [
        {
          path: ["anycast", name, "servers", index],
          message: `${server} has no BGP link to announce ${name} by`,
          hint: `Add a second link between ${server} and a leaf, e.g. [leaf01:swp6, ${server}:em1]`,
        },
      ];
    }),
  );
};

/** The rules of this file, in the order they are told. */
export const serviceRules: readonly Rule[] = [
  prefixesAreHostRoutes,
  prefixesAreUsable,
  prefixesAreApart,
  prefixesDiffer,
  serversExist,
  serversCanAnnounce,
];
