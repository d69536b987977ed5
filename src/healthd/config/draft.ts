/** A file's lines → values by key, each with its place; lines that say nothing sensible are problems. */
import { readEntries, type Entry } from "./entries.ts";
import { aliases, keys, type Key, type Values } from "./keys.ts";
import type { Problem, Reading } from "./problem.ts";

export interface Draft {
  readonly file: string;
  readonly values: Values;
  /** Where each key stands; keys whose value is wrong are here, too. */
  readonly places: ReadonlyMap<Key, Entry>;
  readonly problems: readonly Problem[];
}

export function draftFile(text: string, file: string): Draft {
  const { entries, problems } = readEntries(text, file);
  const found: Problem[] = [...problems];
  const values: Partial<Record<Key, unknown>> = {};
  const places = new Map<Key, Entry>();
  for (const entry of entries) {
    const { line, keyColumn, valueColumn } = entry;
    const key = aliases[entry.key] ?? entry.key;
    if (!isKey(key)) {
      const hint = `known are ${Object.keys(keys).join(", ")}`;
      found.push({ file, line, column: keyColumn, message: `\`${entry.key}\` is not known`, hint });
      continue;
    }
    const earlier = places.get(key);
    if (earlier !== undefined) {
      const message = `\`${key}\` is said twice`;
      found.push({ file, line, column: keyColumn, message, hint: `the first is in line ${earlier.line}; leave one` });
      continue;
    }
    places.set(key, entry);
    const reading: Reading<unknown> = keys[key](entry.value);
    if ("value" in reading) values[key] = reading.value;
    else found.push({ file, line, column: valueColumn, ...reading });
  }
  // Each reader makes what its key stands for in Values, which is derived from the same table.
  return { file, values: values as Values, places, problems: found };
}

function isKey(text: string): text is Key {
  return Object.hasOwn(keys, text);
}

/** A problem at a key's value, or at the start of the file if the key is not there. */
export function problemAt(draft: Draft, key: Key, message: string, hint: string): Problem {
  const place = draft.places.get(key);
  return { file: draft.file, line: place?.line ?? 1, column: place?.valueColumn ?? 1, message, hint };
}
