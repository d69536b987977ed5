/** Which nodes a command means: names, roles and patterns, separated by commas. */
import { UsageError } from "../errors.ts";
import type { Plan } from "../plan/model.ts";

/**
 * Names in the order of the plan, at least one.
 * @throws UsageError for a word that means no node, and where there is no word at all
 */
export function selectNodes(plan: Plan, wanted: string): string[] {
  const words = wanted.split(",").filter((word) => word !== "");
  if (words.length === 0) {
    throw new UsageError({
      code: "E_NO_NODE",
      message: "no node is selected",
      hint: "names, roles or patterns, separated by commas; all for every node",
    });
  }
  const chosen = new Set(words.flatMap((word) => matching(plan, word)));
  return plan.nodes.map((node) => node.name).filter((name) => chosen.has(name));
}

function matching(plan: Plan, word: string): string[] {
  const pattern = patternOf(word);
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

/** `*` is any text and `?` any character. A letter is never escaped: `\D` would be everything but a digit. */
function patternOf(word: string): RegExp {
  const literal = word.replace(/[\\^$.|+()[\]{}]/g, "\\$&");
  return new RegExp(`^${literal.replaceAll("*", ".*").replaceAll("?", ".")}$`);
}
