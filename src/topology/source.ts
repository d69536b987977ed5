/** A topology file as a tree of plain values that remember where they stand in the text. */
import type { Path } from "./mistake.ts";

interface Place {
  /** Offset of the value, in UTF-16 code units. */
  readonly start: number;
  /** Offset of the key that names the value. */
  readonly keyStart?: number;
}

/** A word, number or nothing. */
export interface ScalarSource extends Place {
  readonly type: "scalar";
  readonly value: unknown;
  /** As written, without quotes: `65000.10` is the number 65000.1. */
  readonly text: string;
}

/** Keys and values in the order of the file; a key that stands twice has its first value. */
export interface MappingSource extends Place {
  readonly type: "mapping";
  readonly entries: ReadonlyMap<string, Source>;
}

/** Values in the order of the file. */
export interface ListSource extends Place {
  readonly type: "list";
  readonly items: readonly Source[];
}

/** Any value of a file. */
export type Source = ScalarSource | MappingSource | ListSource;

/** The value without places. Mappings have no prototype, so no key of a user can reach one. */
export function valueOf(source: Source): unknown {
  if (source.type === "scalar") return source.value;
  if (source.type === "list") return source.items.map(valueOf);
  const value: Record<string, unknown> = Object.create(null);
  for (const [key, entry] of source.entries) value[key] = valueOf(entry);
  return value;
}

/** One step down: a key, an item, or a mapping's entry by number. */
function stepInto(source: Source, step: string | number): Source | undefined {
  if (source.type === "list") return typeof step === "number" ? source.items[step] : undefined;
  if (source.type === "scalar") return undefined;
  return typeof step === "number" ? [...source.entries.values()][step] : source.entries.get(step);
}

/** The value at a path exactly, if the file has one. */
export function findSource(source: Source, path: Path): Source | undefined {
  let found: Source | undefined = source;
  for (const step of path) found = found && stepInto(found, step);
  return found;
}

/**
 * The value at a path or, where the file is silent or uses a short form, the closest one around it: the link end at
 * `links, 3, ends, 0` of a link that is just a pair is `links, 3, 0`.
 */
export function findNearest(source: Source, path: Path): Source {
  let found = source;
  for (const step of path) {
    const next = stepInto(found, step);
    if (next === undefined && !(found.type === "list" && step === "ends")) break;
    found = next ?? found;
  }
  return found;
}

/** The same tree without the values at these paths; list items that follow move up. */
export function prune(source: Source, paths: readonly Path[]): Source {
  const here = paths.filter((path) => path.length > 0);
  if (here.length === 0 || source.type === "scalar") return source;
  const byStep = new Map<string | number, Path[]>();
  for (const [step, ...rest] of here) {
    if (step === undefined) continue;
    const known = byStep.get(step);
    if (known === undefined) byStep.set(step, [rest]);
    else known.push(rest);
  }
  const keep = (step: string | number, child: Source): [string | number, Source][] => {
    const below = byStep.get(step) ?? [];
    return below.some((path) => path.length === 0) ? [] : [[step, prune(child, below)]];
  };
  if (source.type === "list") {
    return { ...source, items: source.items.flatMap((item, index) => keep(index, item).map(([, kept]) => kept)) };
  }
  const entries = [...source.entries].flatMap(([key, child]) => keep(key, child));
  return { ...source, entries: new Map(entries.map(([key, child]) => [String(key), child])) };
}
