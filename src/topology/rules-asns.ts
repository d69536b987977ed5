/** AS numbers, the written and the derived ones: who may have one, who must share, who must not. */
import type { Role } from "../kinds/kind.ts";
import { nodesOfRole, type Rule } from "./subject.ts";
import type { Mistake, Path } from "./mistake.ts";
import type { TopologyNode } from "./topology.ts";
import { listWords } from "./words.ts";

const speakers: ReadonlySet<Role> = new Set<Role>(["spine", "leaf", "edge", "server"]);

const tiers: readonly Role[] = ["spine", "server", "edge"];

/** AS_TRANS (RFC 6793), and the last of the 16-bit range (RFC 7300). */
const reserved: ReadonlySet<number> = new Set([23_456, 65_535]);

function placeOf(node: TopologyNode): Path {
  return ["nodes", node.name, "asn"];
}

function withAsn(nodes: readonly TopologyNode[]): readonly (TopologyNode & { readonly asn: number })[] {
  return nodes.flatMap((node) => (node.asn === undefined ? [] : [{ ...node, asn: node.asn }]));
}

const onlySpeakersHaveOne: Rule = ({ topology }) =>
  withAsn(topology.nodes)
    .filter((node) => !speakers.has(node.role))
    .map((node) => ({
      path: placeOf(node),
      message: `${node.name} is a ${node.role} and does not speak BGP`,
      hint: "Leave asn out",
    }));

const noneIsReserved: Rule = ({ topology, asns }) =>
  topology.nodes.flatMap((node) => {
    const asn = asns.get(node.name) ?? 1;
    if (!reserved.has(asn) && asn <= 4_294_967_294 && asn !== 0) return [];
    return {
      path: placeOf(node),
      message: `AS number ${asn} is reserved and never a router's own`,
      hint: "Take a private one: 64512 to 65534, or 4200000000 to 4294967294",
    };
  });

/** A leaf drops every route that has its own AS number in the path: leaves with one number could not reach each other. */
const leavesDiffer: Rule = (subject) => {
  const owners = new Map<number, string>();
  return withAsn(nodesOfRole(subject, "leaf")).flatMap((node) => {
    const owner = owners.get(node.asn);
    if (owner === undefined) owners.set(node.asn, node.name);
    if (owner === undefined) return [];
    return {
      path: placeOf(node),
      message: `${node.name} has the AS number ${node.asn} of ${owner}`,
      hint: "A leaf ignores routes of its own AS; give each leaf its own, or leave asn out",
    };
  });
};

const tiersDiffer: Rule = (subject) => {
  const owners = new Map<number, Role>();
  const mistakes = tiers.flatMap((role) => {
    const nodes = nodesOfRole(subject, role).map((node) => ({ node, asn: subject.asns.get(node.name) ?? 0 }));
    const clashes = nodes.filter(({ asn }) => owners.has(asn)).slice(0, 1);
    const found = clashes.map(({ node, asn }) => clash(node, asn, owners));
    for (const { asn } of nodes) if (!owners.has(asn)) owners.set(asn, role);
    return found;
  });
  const leaves = withAsn(nodesOfRole(subject, "leaf")).filter((node) => owners.has(node.asn));
  return [...mistakes, ...leaves.map((node) => clash(node, node.asn, owners))];
};

function clash(node: TopologyNode, asn: number, owners: ReadonlyMap<number, Role>): Mistake {
  return {
    path: placeOf(node),
    message: `${node.name} has the AS number ${asn} of the ${owners.get(asn)}s`,
    hint: "BGP ignores routes of one's own AS; tiers need different numbers",
  };
}

/** The servers' configuration is the same letter for letter, and a leaf accepts exactly one AS. */
const serversShareOne: Rule = (subject) => {
  const servers = withAsn(nodesOfRole(subject, "server"));
  const numbers = [...new Set(nodesOfRole(subject, "server").map((node) => subject.asns.get(node.name) ?? 0))];
  if (numbers.length < 2) return [];
  return servers
    .filter((node) => node.asn !== numbers[0])
    .slice(0, 1)
    .map((node) => ({
      path: placeOf(node),
      message: `servers have different AS numbers: ${listWords(numbers.slice(0, 5).map(String))}`,
      hint: "All servers share one, so that their configuration is the same; leave asn out",
    }));
};

/** The rules of this file, in the order they are told. */
export const asnRules: readonly Rule[] = [
  onlySpeakersHaveOne,
  noneIsReserved,
  leavesDiffer,
  tiersDiffer,
  serversShareOne,
];
