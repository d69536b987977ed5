/**
 * From what a command printed to a value of a known shape. What cannot be read becomes a finding that shows what was
 * printed; a judge never throws because a node said something unexpected.
 */
import type { z } from "zod";
import type { Reply } from "./model.ts";

/** What was read, or a sentence on why it could not be. */
export type Read<T> = { readonly value: T } | { readonly problem: string };

/** The first lines of what a command printed, short enough for a table. */
export function excerpt(reply: Reply, most = 120): string {
  const printed = (reply.stdout.trim() === "" ? reply.stderr : reply.stdout).trim().replaceAll(/\s+/g, " ");
  const exit = reply.exitCode === 0 ? "" : `exit ${reply.exitCode}: `;
  if (printed === "") return `${exit}nothing printed`;
  return `${exit}${printed.length > most ? `${printed.slice(0, most)}…` : printed}`;
}

/** @param schema what later code relies on, no more: FRR adds keys with every release. */
export function readJson<T>(reply: Reply, schema: z.ZodType<T>): Read<T> {
  const json = parseJson(reply.stdout);
  if (json === undefined) return { problem: `not JSON: ${excerpt(reply)}` };
  const parsed = schema.safeParse(json.value);
  if (parsed.success) return { value: parsed.data };
  const issue = parsed.error.issues[0];
  const where = issue?.path.join(".") ?? "";
  return { problem: `unknown answer (${where === "" ? "" : `${where}: `}${issue?.message ?? "no reason"})` };
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
