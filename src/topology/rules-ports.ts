/** Ports: named as the kind names them, and one cable each. */
import type { Kind } from "../kinds/kind.ts";
import { findKind } from "../kinds/registry.ts";
import { keyOf } from "./end.ts";
import type { Mistake, Path } from "./mistake.ts";
import type { Rule, Subject } from "./subject.ts";
import type { TopologyEnd, TopologyNode } from "./topology.ts";
import { show } from "./words.ts";

interface Use {
  readonly end: TopologyEnd;
  readonly path: Path;
}

/** The kind whose port names count; undefined where another rule says that the kind is wrong. */
export function kindOf(node: TopologyNode): Kind | undefined {
  const kind = findKind(node.kind);
  return kind?.roles.includes(node.role) ? kind : undefined;
}

/** Every place that plugs something into a port. */
function usesIn({ topology }: Subject): readonly Use[] {
  const links = topology.links.flatMap((link, index) =>
    link.ends.map((end, side): Use => ({ end, path: ["links", index, "ends", side] })),
  );
  const members = topology.networks.flatMap((network) =>
    network.members.map((end, index): Use => ({ end, path: ["networks", network.name, "members", index] })),
  );
  return [...links, ...members];
}

/** Why a node of a kind has no data port of this name. */
export function faultOfPort(node: TopologyNode, kind: Kind, port: string): Omit<Mistake, "path"> | undefined {
  const { prefix, first, most, management } = kind.ports;
  const last = first + most - 1;
  const hint = `Ports of ${kind.name}: ${prefix}${first} to ${prefix}${last}`;
  if (port === management) return { message: `${port} of ${node.name} is its management port`, hint };
  const digits = port.startsWith(prefix) ? port.slice(prefix.length) : "";
  const number = /^(?:0|[1-9][0-9]*)$/.test(digits) ? Number(digits) : -1;
  if (number >= first && number <= last) return undefined;
  return { message: `${node.name} has no port ${show(port)}`, hint };
}

const portsExist: Rule = (subject) =>
  usesIn(subject).flatMap(({ end, path }): readonly Mistake[] => {
    const node = subject.nodes.get(end.node);
    const kind = node && kindOf(node);
    if (node === undefined || kind === undefined) return [];
    if (end.interface === "") {
      return [{ path, message: `${end.node} has no free port left`, hint: `${kind.name} has ${kind.ports.most}` }];
    }
    const fault = faultOfPort(node, kind, end.interface);
    return fault === undefined ? [] : [{ path, ...fault }];
  });

const portsAreUsedOnce: Rule = (subject) => {
  const seen = new Set<string>();
  return usesIn(subject).flatMap(({ end, path }): readonly Mistake[] => {
    const name = keyOf(end);
    if (end.interface === "" || !subject.nodes.has(end.node)) return [];
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [{ path, message: `${name} is used twice`, hint: "One port takes one cable; use another port" }];
  });
};

/** The rules of this file, in the order they are told. */
export const portRules: readonly Rule[] = [portsExist, portsAreUsedOnce];
