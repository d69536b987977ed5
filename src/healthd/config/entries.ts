/** The lines of a `key = value` file. A `#` at the start of a line or after a blank begins a comment, but not in quotes. */
import type { Problem } from "./problem.ts";

export interface Entry {
  readonly key: string;
  readonly value: string;
  /** From 1. */
  readonly line: number;
  readonly keyColumn: number;
  readonly valueColumn: number;
}

export interface Entries {
  readonly entries: readonly Entry[];
  readonly problems: readonly Problem[];
}

const form = /^(\s*)([^\s=#][^=#]*?)(\s*=\s*)(.*)$/s;

/** @param file the file's name, for messages only */
export function readEntries(text: string, file: string): Entries {
  const entries: Entry[] = [];
  const problems: Problem[] = [];
  for (const [index, content] of text.split("\n").entries()) {
    const line = index + 1;
    const found = form.exec(content);
    if (/^\s*(#|$)/.test(content)) continue;
    if (found === null) {
      problems.push({ file, line, column: 1, message: "this is no `key = value`", hint: "comments begin with #" });
      continue;
    }
    const [, indent = "", key = "", equals = "", rest = ""] = found;
    const valueColumn = indent.length + key.length + equals.length + 1;
    const value = readValue(rest);
    if (value === undefined) {
      const message = "these quotes do not end";
      problems.push({ file, line, column: valueColumn, message, hint: 'write \\" for a quote within quotes' });
      continue;
    }
    entries.push({ key, value, line, keyColumn: indent.length + 1, valueColumn });
  }
  return { entries, problems };
}

/** The value without its quotes and the comment behind it; nothing if quotes do not end. */
function readValue(rest: string): string | undefined {
  if (!rest.startsWith('"')) return rest.replace(/(^|\s)#.*$/, "").trimEnd();
  const quoted = /^"((?:[^"\\]|\\.)*)"\s*(#.*)?$/.exec(rest);
  return quoted?.[1]?.replaceAll(/\\(.)/g, (_, character: string) => (character === "n" ? "\n" : character));
}

/** A value as the file takes it: in quotes where it would be read otherwise. It never makes a second line. */
export function writeValue(value: string): string {
  if (value !== "" && value.trim() === value && !/["#\n\r]/.test(value)) return value;
  return `"${value.replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}
