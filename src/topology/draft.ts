/**
 * The tree of a file checked against the schema. Where it does not fit, the parts that do are kept, so that the rules can
 * look at them as well and a user sees every mistake at once.
 */
import type { z } from "zod";
import type { Mistake, Path } from "./mistake.ts";
import { explainIssue } from "./issues.ts";
import { topologySchema, type TopologyFile } from "./schema.ts";
import { prune, valueOf, type Source } from "./source.ts";

/** A file as far as it fits the schema. */
export interface Draft {
  /** What the schema does not accept; paths are of the whole tree. */
  readonly mistakes: readonly Mistake[];
  /** The rest, if there is enough of it to go on. */
  readonly rest?: {
    readonly file: TopologyFile;
    /** The tree of exactly this rest. */
    readonly source: Source;
    /** Names that were written but dropped: referring to them is no second mistake. */
    readonly lost: Lost;
  };
}

/** What was dropped, for rules that would miss it. */
export interface Lost {
  readonly nodes: ReadonlySet<string>;
  readonly vlans: ReadonlySet<string>;
  /** False when anything was dropped: then nobody can say that something is missing. */
  readonly complete: boolean;
}

/** Never throws: what the schema refuses is told as mistakes, and the file without it is checked once more. */
export function draftFile(source: Source): Draft {
  const checked = topologySchema.safeParse(valueOf(source));
  if (checked.success) return { mistakes: [], rest: { file: checked.data, source, lost: lostIn([]) } };
  const { issues } = checked.error;
  const mistakes = onePerPlace(issues.flatMap((issue) => explainIssue(issue, source)));
  const dropped = issues.flatMap(droppable);
  if (dropped.some((path) => path.length === 0)) return { mistakes };
  const pruned = prune(source, dropped);
  const again = topologySchema.safeParse(valueOf(pruned));
  if (!again.success) return { mistakes };
  return { mistakes, rest: { file: again.data, source: pruned, lost: lostIn(dropped) } };
}

function onePerPlace(mistakes: readonly Mistake[]): readonly Mistake[] {
  const byPlace = new Map<string, Mistake>();
  for (const mistake of mistakes) {
    const place = JSON.stringify([mistake.path, mistake.at === "key" && mistake.message]);
    if (!byPlace.has(place)) byPlace.set(place, mistake);
  }
  return [...byPlace.values()];
}

/** Sections whose loss would make everything else look wrong. */
const vital = new Set(["name", "nodes", "links", "vlans"]);

/** What goes with an issue: an unknown key alone; else the whole node, link, network, VLAN or service. An empty path: all. */
function droppable(issue: z.core.$ZodIssue): readonly Path[] {
  const path = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => [...path, key]);
  const [section, entry] = path;
  if (section === undefined) return [[]];
  if (entry !== undefined) return [[section, entry]];
  return [vital.has(String(section)) ? [] : [section]];
}

function lostIn(dropped: readonly Path[]): Lost {
  const namesIn = (section: string) =>
    new Set(dropped.filter((path) => path[0] === section && path.length === 2).map((path) => String(path[1])));
  return { nodes: namesIn("nodes"), vlans: namesIn("vlans"), complete: dropped.length === 0 };
}
