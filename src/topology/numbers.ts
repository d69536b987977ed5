/**
 * The number of a node within its role. It comes from the name, not from the position, so that adding leaf05 or removing
 * leaf02 leaves the AS number, the addresses and thereby the configuration of every other node as they were.
 */
import type { Role } from "../kinds/kind.ts";
import type { Topology, TopologyNode } from "./topology.ts";

const trailingDigits = /(?<digits>[0-9]{1,9})$/;

/** Digits beyond this are no number but part of a name (`leaf20261122`): AS numbers and addresses would not have room. */
export const mostNodes = 10_000;

/** `leaf03` → `{ stem: "leaf", digits: "03" }`; `laptop` → digits `""`. */
export function splitName(name: string): { readonly stem: string; readonly digits: string } {
  const digits = trailingDigits.exec(name)?.groups?.["digits"] ?? "";
  return { stem: name.slice(0, name.length - digits.length), digits };
}

/**
 * Numbers from 1, unique: the digits a name ends in (`leaf03` is 3, the first to claim a number has it), and for the
 * other names the smallest numbers left, in order.
 */
export function numberNames(names: readonly string[]): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  const taken = new Set<number>();
  const take = (name: string, number: number) => {
    numbers.set(name, number);
    taken.add(number);
  };
  for (const name of names) {
    const number = Number(splitName(name).digits);
    if (number > 0 && number < mostNodes && !taken.has(number)) take(name, number);
  }
  let next = 1;
  for (const name of names) {
    if (numbers.has(name)) continue;
    while (taken.has(next)) next += 1;
    take(name, next);
  }
  return numbers;
}

/** The number of every node of the lab, counted within its role. */
export function numberNodes(topology: Topology): ReadonlyMap<string, number> {
  const roles = new Set(topology.nodes.map((node) => node.role));
  const numbers = [...roles].map((role) => numberNames(nodesOf(topology, role).map((node) => node.name)));
  return new Map(numbers.flatMap((ofRole) => Array.from(ofRole)));
}

/** In the order of the file. */
export function nodesOf(topology: Topology, role: Role): readonly TopologyNode[] {
  return topology.nodes.filter((node) => node.role === role);
}
