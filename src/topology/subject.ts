/** What every rule looks at: the topology, its nodes by name, and what a rule says. */
import type { Role } from "../kinds/kind.ts";
import { assignAsns } from "./asn.ts";
import type { Lost } from "./draft.ts";
import type { Mistake, Path } from "./mistake.ts";
import type { Topology, TopologyLink, TopologyNode } from "./topology.ts";
import { listWords, show } from "./words.ts";

/** The topology, with what would be slow to look up again for every rule. */
export interface Subject {
  readonly topology: Topology;
  readonly nodes: ReadonlyMap<string, TopologyNode>;
  readonly names: readonly string[];
  readonly byRole: ReadonlyMap<Role, readonly TopologyNode[]>;
  /** By node name, as the plan will have them. */
  readonly asns: ReadonlyMap<string, number>;
  readonly lost: Lost;
  /** True when nothing was dropped and every link and network names nodes that exist: only then can something be missing. */
  readonly complete: boolean;
}

/** Pure, and fast for hostile input: time in proportion to the topology, or nearly. */
export type Rule = (subject: Subject) => readonly Mistake[];

/** `lost` is what the schema made us drop: see `draft.ts`. */
export function subjectOf(topology: Topology, lost: Lost): Subject {
  const byRole = new Map<Role, TopologyNode[]>();
  for (const node of topology.nodes) {
    const others = byRole.get(node.role);
    if (others === undefined) byRole.set(node.role, [node]);
    else others.push(node);
  }
  const nodes = new Map(topology.nodes.map((node) => [node.name, node]));
  const plugged = [...topology.links.map((link) => link.ends), ...topology.networks.map((network) => network.members)];
  return {
    topology,
    nodes,
    names: [...nodes.keys()],
    byRole,
    asns: assignAsns(topology),
    lost,
    complete: lost.complete && plugged.flat().every((end) => nodes.has(end.node)),
  };
}

/** In the order of the file; none for a role that nobody has. */
export function nodesOfRole(subject: Subject, role: Role): readonly TopologyNode[] {
  return subject.byRole.get(role) ?? [];
}

/** True where a link runs between these two roles, in either order. */
export function joins(subject: Subject, link: TopologyLink, one: Role, other: Role): boolean {
  const [first, second] = link.ends.map((end) => subject.nodes.get(end.node)?.role);
  return (first === one && second === other) || (first === other && second === one);
}

/** More would hide the sentence they belong to. */
const mostNamed = 9;

/** A reference to a node that does not exist; nothing where it does, or did before it was dropped. */
export function unknownNode(subject: Subject, name: string, path: Path, role?: Role): readonly Mistake[] {
  if (subject.nodes.has(name) || subject.lost.nodes.has(name)) return [];
  const fitting =
    role === undefined
      ? subject.names
      : nodesOfRole(subject, role)
          .slice(0, mostNamed)
          .map((node) => node.name);
  return [
    {
      path,
      message: `there is no node ${show(name)}`,
      hint: nameSome("Add it to nodes", fitting),
      misspelt: { word: name, known: subject.names },
    },
  ];
}

/** A way out, with some words that would do instead. */
export function nameSome(wayOut: string, words: readonly string[]): string {
  if (words.length === 0) return wayOut;
  const some = words.slice(0, mostNamed);
  return `${wayOut}, or use ${words.length > some.length ? `${some.join(", ")} …` : listWords(some, "or")}`;
}
