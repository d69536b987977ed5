/** The text of an end of a segment. */
import type { End } from "./model.ts";

/** `leaf01:swp6`, as in a topology file: the key of tables about ports. */
export function keyOf(end: End): string {
  return `${end.node}:${end.interface}`;
}
