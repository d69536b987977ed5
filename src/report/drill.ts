/** Drills for people: a line for each run, statistics below, the share of every server; and the same for machines. */
import type { FigureName, Figures } from "../drill/figures.ts";
import { figures } from "../drill/figures.ts";
import type { Counted, Scenario } from "../drill/model.ts";
import { type Phase, phases, type Tallies } from "../drill/requests.ts";
import type { Statistics } from "../drill/statistics.ts";
import type { Happening } from "../drill/timeline.ts";
import type { Verdict } from "../verify/model.ts";
import { type LayoutOptions, plain } from "./paint.ts";
import { type Cell, type Column, formatTable, formatTexts } from "./table.ts";
import { formatVerdicts, verdictsToJson } from "./verdicts.ts";
import { oneLine } from "./width.ts";

export interface RunReport {
  readonly title: string;
  readonly figures: Figures;
  readonly tallies: Tallies;
  /** Dropped and forwarded packets of each router. */
  readonly counted: Readonly<Record<string, Counted>>;
  readonly timeline: readonly Happening[];
}

export interface DrillReport {
  readonly lab: string;
  readonly scenario: string;
  /** Requests a second, of all clients together. */
  readonly rate: number;
  /** How far clocks may be off, at most, in milliseconds. */
  readonly clockMs: number;
  readonly servers: readonly string[];
  readonly runs: readonly RunReport[];
  readonly figures: Readonly<Partial<Record<FigureName, Statistics>>>;
  readonly verdicts: readonly Verdict[];
}

export function formatDrill(report: DrillReport, options: LayoutOptions = {}): readonly string[] {
  return [
    ...formatRuns(report, options),
    "",
    ...formatPhases(report, options),
    "",
    ...(report.clockMs === 0 ? [] : [`The clocks of nodes differ; times may be off by ${report.clockMs} ms.`, ""]),
    ...formatVerdicts(report.verdicts, options),
  ];
}

export function formatScenarios(scenarios: readonly Scenario[], options: LayoutOptions = {}): readonly string[] {
  return formatTexts(
    ["SCENARIO", "WHAT HAPPENS"],
    scenarios.map(({ name, summary }) => [name, summary]),
    options,
  );
}

function formatRuns({ runs, figures: statistics }: DrillReport, options: LayoutOptions): readonly string[] {
  const shown = figures.filter(({ name }) => statistics[name] !== undefined);
  const columns: readonly Column[] = [
    { title: "RUN", align: "right" },
    { title: "FAULT" },
    ...shown.map(({ name }) => ({ title: name.toUpperCase(), align: "right" }) as const),
  ];
  const rows = runs.map((run, index) => [
    { text: String(index + 1) },
    { text: run.title },
    ...shown.map((figure) => ({ text: inUnit(figure, run.figures[figure.name]) })),
  ]);
  const sums = (["p50", "p95", "max"] as const).map((rank): readonly Cell[] =>
    ["", rank, ...shown.map((figure) => inUnit(figure, statistics[figure.name]?.[rank]))].map(inBold),
  );
  return formatTable({ columns, rows: runs.length > 1 ? [...rows, ...sums] : rows }, options);
}

function inBold(text: string): Cell {
  return { text, style: "bold" };
}

function inUnit({ unit }: (typeof figures)[number], value: number | undefined): string {
  if (value === undefined) return "-";
  return unit === "ms" ? `${value} ms` : String(value);
}

/** What happened when, run by run. */
export function formatTimelines({ runs }: DrillReport, options: LayoutOptions = {}): readonly string[] {
  const columns: readonly Column[] = [
    { title: "RUN", align: "right" },
    { title: "AFTER", align: "right" },
    { title: "NODE" },
    { title: "SENDS TO" },
  ];
  const rows = runs.flatMap(({ timeline }, index) =>
    timeline.map(({ ms, node, what }) => [String(index + 1), `${ms} ms`, node, what].map((text) => ({ text }))),
  );
  return formatTable({ columns, rows }, options);
}

/** The share of every server in each phase, and what was lost. */
function formatPhases({ runs, servers }: DrillReport, options: LayoutOptions): readonly string[] {
  const paint = options.paint ?? plain;
  const columns: readonly Column[] = [
    { title: "ANSWERED BY" },
    ...phases.map((phase) => ({ title: phase.toUpperCase(), align: "right" }) as const),
  ];
  const totals = totalsOf(runs);
  const shares = servers.map((server) => [
    { text: server },
    ...phases.map((phase) => ({ text: percent(totals[phase].servers[server] ?? 0, totals[phase].sent) })),
  ]);
  const lost = phases.map((phase): Cell => {
    const text = `${totals[phase].lost} of ${totals[phase].sent}`;
    return totals[phase].lost > 0 ? { text, style: "yellow" } : { text };
  });
  const errors = phases.flatMap((phase) =>
    Object.entries(totals[phase].errors).map(([error, times]) => `${times} ${error} ${phase}`),
  );
  return [
    ...formatTable({ columns, rows: [...shares, [{ text: "nobody" }, ...lost]] }, options),
    ...(errors.length === 0 ? [] : [paint("dim", oneLine(`lost: ${errors.join(", ")}`))]),
  ];
}

interface Total {
  readonly sent: number;
  readonly lost: number;
  readonly servers: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
}

function totalsOf(runs: readonly RunReport[]): Readonly<Record<Phase, Total>> {
  const of = (phase: Phase): Total => {
    const tallies = runs.map((run) => run.tallies[phase]);
    return {
      sent: tallies.reduce((sum, { sent }) => sum + sent, 0),
      lost: tallies.reduce((sum, { lost }) => sum + lost, 0),
      servers: addUp(tallies.map(({ servers }) => servers)),
      errors: addUp(tallies.map(({ errors }) => errors)),
    };
  };
  return { before: of("before"), during: of("during"), recovery: of("recovery"), after: of("after") };
}

function addUp(counts: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const sums = new Map<string, number>();
  for (const [name, number] of counts.flatMap((one) => Object.entries(one))) {
    sums.set(name, (sums.get(name) ?? 0) + number);
  }
  return Object.fromEntries(sums);
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "-" : `${((part / whole) * 100).toFixed(1)} %`;
}

/** The last line of `lab drill --json`, which `--baseline` reads. */
export function drillToJson({ verdicts, runs, ...report }: DrillReport) {
  const { ok, passed, failed, skipped, checks } = verdictsToJson(verdicts);
  return { event: "result", ...report, ok, passed, failed, skipped, runs, totals: totalsOf(runs), checks } as const;
}
