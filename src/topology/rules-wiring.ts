/** What must not be missing. Only asked of a whole topology: a link that was misspelt is no missing link. */
import type { Role } from "../kinds/kind.ts";
import type { Mistake } from "./mistake.ts";
import { joins, nodesOfRole, type Rule, type Subject } from "./subject.ts";

/** Nodes of a role that are the end of a link for which `fits` holds. */
function linkedNodes(subject: Subject, other: Role, role: Role): ReadonlySet<string> {
  const links = subject.topology.links.filter((link) => joins(subject, link, role, other));
  return new Set(links.flatMap((link) => link.ends.map((end) => end.node)));
}

function missing(name: string, message: string, hint: string): Mistake {
  return { path: ["nodes", name], at: "key", message, hint };
}

const fabricHasTiers: Rule = (subject) => {
  const tiers: readonly Role[] = ["spine", "leaf"];
  return tiers
    .filter((role) => nodesOfRole(subject, role).length === 0)
    .map((role) => ({
      path: ["nodes"],
      at: "key",
      message: `there is no ${role}`,
      hint: `A fabric needs at least one spine and one leaf; add ${role}01: ${role}`,
    }));
};

const tiersAreLinked: Rule = (subject) => {
  const [spines, leaves] = [nodesOfRole(subject, "spine"), nodesOfRole(subject, "leaf")];
  if (spines.length === 0 || leaves.length === 0) return [];
  const linked = linkedNodes(subject, "leaf", "spine");
  return [
    ...spines.map((node) => ({ node, other: "leaf", link: `[${node.name}:swp3, ${leaves[0]?.name}:swp1]` })),
    ...leaves.map((node) => ({ node, other: "spine", link: `[${spines[0]?.name}:swp3, ${node.name}:swp1]` })),
  ]
    .filter(({ node }) => !linked.has(node.name))
    .map(({ node, other, link }) =>
      missing(node.name, `${node.name} has no link to a ${other}`, `Add one, e.g. ${link}`),
    );
};

const edgesAreLinked: Rule = (subject) => {
  const linked = new Set([...linkedNodes(subject, "spine", "edge"), ...linkedNodes(subject, "leaf", "edge")]);
  return nodesOfRole(subject, "edge")
    .filter((node) => !linked.has(node.name))
    .map((node) => {
      const spine = nodesOfRole(subject, "spine")[0]?.name ?? "spine01";
      const hint = `Link it to the spines, e.g. { ends: [${spine}:swp1, ${node.name}:swp1], subnet: 10.0.3.0/30 }`;
      return missing(node.name, `${node.name} is not connected to the fabric`, hint);
    });
};

const serversHaveIdentity: Rule = (subject) => {
  const servers = nodesOfRole(subject, "server");
  if (subject.topology.vlans.length === 0) {
    const hint = "Add vlans: with one VLAN; servers get their name and address there, by DHCP";
    return servers.slice(0, 1).map((node) => missing(node.name, "there is no VLAN for servers", hint));
  }
  const ports = subject.topology.links.filter(
    (link) => link.vlan !== undefined && joins(subject, link, "leaf", "server"),
  );
  const linked = new Set(ports.flatMap((link) => link.ends.map((end) => end.node)));
  return servers
    .filter((node) => !linked.has(node.name))
    .map((node) => {
      const hint = `Its first link to a leaf is the VLAN port, e.g. [leaf01:swp5, ${node.name}:em0]`;
      return missing(node.name, `${node.name} has no port in a VLAN`, hint);
    });
};

const othersAreOnNetworks: Rule = (subject) => {
  const members = new Set(subject.topology.networks.flatMap((network) => network.members.map((member) => member.node)));
  const linked = new Set(subject.topology.links.flatMap((link) => link.ends.map((end) => end.node)));
  const served = new Set(subject.topology.vlans.map((vlan) => vlan.dhcp));
  return subject.topology.nodes
    .filter(({ name, role }) => role === "client" || (role === "dhcp" && !served.has(name)) || role === "router")
    .filter(({ name, role }) => !members.has(name) && !(role === "router" && linked.has(name)))
    .map(({ name }) => missing(name, `${name} is connected to nothing`, "Make it a member of one of the networks"));
};

const networksHaveGateways: Rule = ({ topology }) =>
  topology.networks
    .filter((network) => network.gateway === undefined)
    .map((network) => ({
      path: ["networks", network.name],
      at: "key",
      message: `nobody on network ${network.name} knows the way to the fabric`,
      hint: "Add a router, edge, spine or leaf to its members",
    }));

const servicesHaveServers: Rule = ({ topology }) =>
  topology.services
    .filter((service) => service.servers.length === 0)
    .map((service) => ({
      path: ["anycast", service.name],
      at: "key",
      message: `no server runs ${service.name}`,
      hint: "Add nodes with the role server",
    }));

/** The rules of this file, in the order they are told. */
export const wiringRules: readonly Rule[] = [
  fabricHasTiers,
  tiersAreLinked,
  edgesAreLinked,
  serversHaveIdentity,
  othersAreOnNetworks,
  networksHaveGateways,
  servicesHaveServers,
];
