/** Networks: members that exist, host numbers that fit, one gateway. */
import type { Mistake } from "./mistake.ts";
import { countAddresses, formatAddress, hostRange, networkAddress, subnetOf } from "./ipv4.ts";
import { unknownNode, type Rule } from "./subject.ts";
import { gatewayRoles } from "./normalise.ts";
import { withArticle } from "./words.ts";

const membersExist: Rule = (subject) =>
  subject.topology.networks.flatMap(({ name, members }) =>
    members.flatMap((member, index) => unknownNode(subject, member.node, ["networks", name, "members", index])),
  );

const serversAreElsewhere: Rule = ({ topology, nodes }) =>
  topology.networks.flatMap(({ name, members }) =>
    members.flatMap((member, index): readonly Mistake[] => {
      if (nodes.get(member.node)?.role !== "server") return [];
      const path = ["networks", name, "members", index];
      const hint = "Servers get their address in a VLAN, by a link to a leaf";
      return [{ path, message: `${member.node} is a server and cannot be on network ${name}`, hint }];
    }),
  );

const membersAreOnce: Rule = ({ topology }) =>
  topology.networks.flatMap(({ name, members }) => {
    const seen = new Set<string>();
    return members.flatMap((member, index): readonly Mistake[] => {
      const again = seen.has(member.node);
      seen.add(member.node);
      if (!again) return [];
      const path = ["networks", name, "members", index];
      return [{ path, message: `${member.node} is on network ${name} twice`, hint: "Once is enough" }];
    });
  });

const hostsFit: Rule = ({ topology }) =>
  topology.networks.flatMap(({ name, subnet, members }) => {
    const parsed = subnetOf(subnet);
    const network = networkAddress(parsed);
    const { first, last } = hostRange(parsed);
    const hint = `Host numbers of ${subnet}: ${first - network} to ${last - network}`;
    return members.flatMap((member, index): readonly Mistake[] => {
      if (network + member.host >= first && network + member.host <= last) return [];
      const path = ["networks", name, "members", index];
      const message =
        member.host === countAddresses(parsed) - 1
          ? `host ${member.host} of ${subnet} is its broadcast address`
          : `${subnet} has no host ${member.host}`;
      return [{ path, message, hint }];
    });
  });

const hostsDiffer: Rule = ({ topology }) =>
  topology.networks.flatMap(({ name, subnet, members }) => {
    const owners = new Map<number, string>();
    return members.flatMap((member, index): readonly Mistake[] => {
      const owner = owners.get(member.host);
      owners.set(member.host, owner ?? member.node);
      if (owner === undefined) return [];
      const address = formatAddress(networkAddress(subnetOf(subnet)) + member.host);
      const message = `${member.node} has the address ${address} of ${owner}`;
      return [{ path: ["networks", name, "members", index], message, hint: "Give it a host number of its own" }];
    });
  });

const gatewaysAreMembers: Rule = (subject) =>
  subject.topology.networks.flatMap(({ name, members, gateway }): readonly Mistake[] => {
    if (gateway === undefined || subject.lost.nodes.has(gateway)) return [];
    const path = ["networks", name, "gateway"];
    const role = subject.nodes.get(gateway)?.role;
    if (role === undefined) return unknownNode(subject, gateway, path);
    if (!members.some((member) => member.node === gateway)) {
      return [
        { path, message: `the gateway ${gateway} is not a member of network ${name}`, hint: "Add it to members" },
      ];
    }
    if (gatewayRoles.has(role)) return [];
    const hint = "A gateway is a router, edge, spine or leaf";
    return [{ path, message: `${gateway} is ${withArticle(role)} and cannot be a gateway`, hint }];
  });

/** The rules of this file, in the order they are told. */
export const networkRules: readonly Rule[] = [
  membersExist,
  serversAreElsewhere,
  membersAreOnce,
  hostsFit,
  hostsDiffer,
  gatewaysAreMembers,
];
