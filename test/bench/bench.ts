/**
 * `npm run bench [-- --sizes image,reference,52,100 --runs 5]`: `lab up` against the raw baseline, in turn in the same run,
 * as tables on stderr and JSON on stdout. Root only: the baseline has no user namespace.
 */
import { rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Figures, measure, measureImage } from "./measure.ts";
import { place } from "./program.ts";

const { values } = parseArgs({
  options: { sizes: { type: "string", default: "image,reference,52,100" }, runs: { type: "string", default: "5" } },
});

const results: Record<string, { median: Figures; runs: Figures[] }> = {};
try {
  for (const size of values.sizes.split(",")) {
    const runs = Array.from({ length: runsOf(size) }, () => (size === "image" ? measureImage() : measure(size)));
    const median = medians(runs);
    results[size] = { median, runs };
    show(size, runs.length, median);
  }
} finally {
  rmSync(place, { recursive: true, force: true });
}
process.stdout.write(`${JSON.stringify(results)}\n`);

/** The image once: it is the network that is measured. The largest lab three times at most. */
function runsOf(size: string): number {
  const most = { image: 1, "100": 3 }[size] ?? Infinity;
  return Math.min(most, Number(values.runs));
}

function medians(runs: readonly Figures[]): Figures {
  const middle = Math.floor(runs.length / 2);
  const sorted = (key: string) => runs.map((run) => run[key] ?? 0).toSorted((one, other) => one - other);
  return Object.fromEntries(Object.keys(runs[0] ?? {}).map((key) => [key, sorted(key)[middle] ?? 0]));
}

function show(size: string, runs: number, median: Figures): void {
  const rows = Object.entries(median).map(([what, figure]) => `  ${what.padEnd(24)} ${figure.toFixed(2).padStart(6)}`);
  process.stderr.write(`${size} (medians of ${runs})\n${rows.join("\n")}\n`);
}
