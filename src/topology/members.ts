/** Network members: the interface that is not written is the first one nobody else has. */
import { findKind } from "../kinds/registry.ts";
import { keyOf, splitEnd } from "./end.ts";
import type { TopologyFile } from "./schema.ts";
import type { TopologyEnd, TopologyLink, TopologyNetwork, TopologyNode } from "./topology.ts";

type Written = NonNullable<TopologyFile["networks"]>[string]["members"];

/** Members of every network. A list numbers hosts 1, 2, 3 …, a map says the number. */
export function normaliseMembers(
  networks: readonly Written[],
  nodes: readonly TopologyNode[],
  links: readonly TopologyLink[],
): readonly TopologyNetwork["members"][] {
  const numbered = networks.map((members) =>
    Array.isArray(members)
      ? members.map((member, index) => memberOf(member, index + 1))
      : Object.entries(members).map(([member, host]) => memberOf(member, host)),
  );
  const taken = new Set([...links.flatMap((link) => link.ends), ...numbered.flat()].map(keyOf));
  const kinds = new Map(nodes.map((node) => [node.name, node.kind]));
  return numbered.map((members) =>
    members.map((member) => {
      if (member.interface !== "") return member;
      const named = { ...member, interface: firstFree(member.node, kinds.get(member.node), taken) };
      taken.add(keyOf(named));
      return named;
    }),
  );
}

function memberOf(text: string, host: number): TopologyEnd & { readonly host: number } {
  return { ...splitEnd(text), host };
}

/** Empty for a node that has no kind or no port left; the rules say so. */
function firstFree(node: string, kind: string | undefined, taken: ReadonlySet<string>): string {
  const ports = kind === undefined ? undefined : findKind(kind)?.ports;
  if (ports === undefined) return "";
  for (let number = ports.first; number < ports.first + ports.most; number += 1) {
    const port = `${ports.prefix}${number}`;
    if (!taken.has(keyOf({ node, interface: port }))) return port;
  }
  return "";
}
