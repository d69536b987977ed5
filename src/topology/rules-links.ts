/** Links: between nodes that can use them, numbered where there is no unnumbered BGP. */
import type { Role } from "../kinds/kind.ts";
import type { Mistake, Path } from "./mistake.ts";
import { joins, nameSome, unknownNode, type Rule, type Subject } from "./subject.ts";
import type { TopologyLink } from "./topology.ts";
import { listWords, show, withArticle } from "./words.ts";

type Pair = readonly [Role, Role];

/** BGP unnumbered, or a VLAN port. */
const unnumbered: readonly Pair[] = [
  ["spine", "leaf"],
  ["leaf", "server"],
];
/** BGP between addresses, or static routes. */
const numbered: readonly Pair[] = [
  ["edge", "spine"],
  ["edge", "leaf"],
  ["edge", "router"],
  ["router", "spine"],
  ["router", "leaf"],
  ["router", "router"],
];

const endsExist: Rule = (subject) =>
  subject.topology.links.flatMap((link, index) =>
    link.ends.flatMap((end, side) => unknownNode(subject, end.node, ["links", index, "ends", side])),
  );

const endsDiffer: Rule = ({ topology }) =>
  topology.links.flatMap(({ ends: [one, other] }, index): readonly Mistake[] => {
    if (one.node !== other.node) return [];
    return [
      {
        path: ["links", index, "ends", 1],
        message: `${show(one.node)} is linked to itself`,
        hint: "A link needs two different nodes",
      },
    ];
  });

function isOneOf(subject: Subject, link: TopologyLink, pairs: readonly Pair[]): boolean {
  return pairs.some(([one, other]) => joins(subject, link, one, other));
}

const rolesCanBeLinked: Rule = (subject) =>
  subject.topology.links.flatMap((link, index): readonly Mistake[] => {
    const [one, other] = link.ends.map((end) => subject.nodes.get(end.node));
    if (one === undefined || other === undefined || one === other) return [];
    if (isOneOf(subject, link, [...unnumbered, ...numbered])) return [];
    const host = [one, other].find((node) => node.role === "client" || node.role === "dhcp");
    return [
      {
        path: ["links", index],
        message: `${withArticle(one.role)} (${one.name}) cannot be linked to ${withArticle(other.role)} (${other.name})`,
        hint:
          host === undefined
            ? `Links are ${listWords([...unnumbered, ...numbered].map((pair) => pair.join("–")))}`
            : `Make ${host.name} a member of one of the networks`,
      },
    ];
  });

const subnetsFitRoles: Rule = (subject) =>
  subject.topology.links.flatMap((link, index): readonly Mistake[] => {
    const path: Path = ["links", index, "subnet"];
    if (link.subnet === undefined && isOneOf(subject, link, numbered)) {
      const names = link.ends.map((end) => end.node).join(" and ");
      const hint = "Write { ends: […], subnet: 10.0.3.0/30 }; the first end gets the first address";
      return [{ path, message: `the link between ${names} needs a subnet`, hint }];
    }
    if (link.subnet !== undefined && isOneOf(subject, link, unnumbered)) {
      const names = link.ends.map((end) => end.node).join(" and ");
      const hint = "Leave subnet out: IPv6 link-local addresses do its work";
      return [{ path, message: `the link between ${names} cannot have a subnet`, hint }];
    }
    return [];
  });

const vlansExist: Rule = (subject) => {
  const known = subject.topology.vlans.map((vlan) => vlan.name);
  const names = new Set([...known, ...subject.lost.vlans]);
  return subject.topology.links.flatMap((link, index): readonly Mistake[] => {
    if (link.vlan === undefined || names.has(link.vlan)) return [];
    return [
      {
        path: ["links", index, "vlan"],
        message: `there is no VLAN ${show(link.vlan)}`,
        hint: nameSome("Add it to vlans", known),
        misspelt: { word: link.vlan, known },
      },
    ];
  });
};

const vlansAreForServers: Rule = (subject) =>
  subject.topology.links.flatMap((link, index): readonly Mistake[] => {
    const known = link.ends.every((end) => subject.nodes.has(end.node));
    if (link.vlan === undefined || !known || joins(subject, link, "leaf", "server")) return [];
    const hint = "VLANs cross the fabric by EVPN; leave vlan out";
    return [{ path: ["links", index, "vlan"], message: "only a link between a leaf and a server has a VLAN", hint }];
  });

/** A server has one identity, so one port asks for it by DHCP. */
const oneVlanPerServer: Rule = (subject) => {
  const seen = new Set<string>();
  return subject.topology.links.flatMap((link, index): readonly Mistake[] => {
    if (link.vlan === undefined || !joins(subject, link, "leaf", "server")) return [];
    const server = link.ends.find((end) => subject.nodes.get(end.node)?.role === "server")?.node ?? "";
    if (!seen.has(server)) {
      seen.add(server);
      return [];
    }
    const hint = "Its first link carries the VLAN; leave vlan out on the others, they are for BGP";
    return [{ path: ["links", index, "vlan"], message: `${server} has a second VLAN port`, hint }];
  });
};

/** The rules of this file, in the order they are told. */
export const linkRules: readonly Rule[] = [
  endsExist,
  endsDiffer,
  rolesCanBeLinked,
  subnetsFitRoles,
  vlansExist,
  vlansAreForServers,
  oneVlanPerServer,
];
