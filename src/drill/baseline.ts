/** A drill against an earlier one: what has become worse by more than chance makes it. */
import { z } from "zod";
import type { Verdict } from "../verify/model.ts";
import { type FigureName, figures } from "./figures.ts";
import { verdictOf } from "./judge.ts";
import type { Statistics } from "./statistics.ts";

const statistics = z.object({ n: z.number(), p50: z.number(), p95: z.number(), max: z.number() });

const schema = z.object({
  event: z.literal("result"),
  scenario: z.string(),
  /** Requests a second: how many are lost goes by it. */
  rate: z.number(),
  figures: z.record(z.string(), statistics),
});

/** The result of a drill, as far as another one is held against it. */
export type Baseline = z.infer<typeof schema>;

/** What `lab drill --json` printed: its last line. Undefined if that is no result of a drill. */
export function readBaseline(text: string): Baseline | undefined {
  try {
    const read = schema.safeParse(JSON.parse(text.trimEnd().split("\n").at(-1) ?? ""));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

interface Tolerance {
  /** Of the baseline's number. */
  readonly part: number;
  /** At least this much in the figure's unit, since small numbers vary more. */
  readonly least: Readonly<Record<"ms" | "requests" | "packets", number>>;
}

/** Differences of a fifth are noise on a shared machine, and the slowest of twenty runs varies more than their middle. */
export const tolerances: Readonly<Record<"p50" | "p95", Tolerance>> = {
  p50: { part: 0.25, least: { ms: 50, requests: 5, packets: 5 } },
  p95: { part: 0.5, least: { ms: 150, requests: 15, packets: 15 } },
};

/** A verdict for each figure that both have. */
export function compareWith(
  baseline: Baseline,
  now: Readonly<Partial<Record<FigureName, Statistics>>>,
  node: string,
): readonly Verdict[] {
  return figures.flatMap(({ name, unit }) => {
    const [before, current] = [baseline.figures[name], now[name]];
    if (before === undefined || current === undefined) return [];
    const limits = ranks.map((rank) => ({ rank, most: limitOf(tolerances[rank], before[rank], unit) }));
    const worse = limits.some(({ rank, most }) => current[rank] > most);
    const verdict: Verdict = {
      ...verdictOf(baseline.scenario, `baseline/${name}`, node, `${name} is no worse than the baseline`),
      status: worse ? "fail" : "pass",
      expected: limits.map(({ rank, most }) => `${rank} at most ${most} ${unit} (was ${before[rank]})`).join(", "),
      seen: ranks.map((rank) => `${rank} ${current[rank]} ${unit}`).join(", "),
    };
    return [verdict];
  });
}

const ranks = ["p50", "p95"] as const;

function limitOf({ part, least }: Tolerance, before: number, unit: "ms" | "requests" | "packets"): number {
  return Math.round(before + Math.max(before * part, least[unit]));
}
