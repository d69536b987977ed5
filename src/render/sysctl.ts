/** Kernel settings of a node as a `sysctl.d` file. */
import type { Node } from "../plan/model.ts";
import { line, textOf } from "./line.ts";

/** Sorted by name, so that the file is the same whatever order the plan has. */
export function renderSysctl(node: Node): string {
  const keys = Object.keys(node.sysctls).toSorted();
  return textOf(keys.map((key) => line`${key} = ${node.sysctls[key] ?? ""}`));
}
