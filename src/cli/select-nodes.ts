/** Which nodes a command means: names, roles and patterns, separated by commas. */
import { UsageError } from "../errors.ts";
import type { Plan } from "../plan/model.ts";

/** Names in the order of the plan. Throws UsageError for a word that means no node. */
export function selectNodes(plan: Plan, wanted: string): string[] {
  const words = wanted.split(",").filter((word) => word !== "");
  const chosen = new Set(words.flatMap((word) => matching(plan, word)));
  return plan.nodes.map((node) => node.name).filter((name) => chosen.has(name));
}

function matching(plan: Plan, word: string): string[] {
  const pattern = new RegExp(
    `^${word
      .replace(/[^a-z0-9*?-]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  );
  const names = plan.nodes
    .filter((node) => word === "all" || node.role === word || pattern.test(node.name))
    .map((node) => node.name);
  if (names.length > 0) return names;
  throw new UsageError({
    code: "E_NO_NODE",
    message: `"${word}" is no node, role or pattern of this lab`,
    hint: `nodes: ${plan.nodes.map((node) => node.name).join(", ")}`,
  });
}
