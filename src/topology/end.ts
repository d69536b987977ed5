/** The text of a port, `leaf01:swp6`, as a topology file has it: to read, to show, and as the key of tables about ports. */
import type { TopologyEnd } from "./topology.ts";

/** `leaf01:swp6`. */
export function keyOf(end: TopologyEnd): string {
  return `${end.node}:${end.interface}`;
}

/** The end that a text names; without a colon the interface is empty. */
export function splitEnd(text: string): TopologyEnd {
  const [node = "", port = ""] = text.split(":");
  return { node, interface: port };
}
