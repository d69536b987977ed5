/**
 * `npm run bench [-- --sizes image,reference,52,100 --runs 5]`: `lab up` against the raw baseline, in turn in the same run,
 * as tables on stderr and JSON on stdout. Root only: the baseline has no user namespace. `--vm-bhyve SECONDS`: instead, the
 * reference on an emulated hypervisor whose guests take so long to boot, against one command at a time.
 */
import { rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Figures, measure, measureImage } from "./measure.ts";
import { lab, place } from "./program.ts";
import { measureVmBhyve } from "./vm-bhyve.ts";

const { values } = parseArgs({
  options: {
    "vm-bhyve": { type: "string" },
    sizes: { type: "string", default: "image,reference,52,100" },
    runs: { type: "string", default: "5" },
  },
});

// Ctrl-C ends the program that is being measured; what it has left goes in `finally`.
process.once("SIGINT", () => undefined);
const results: Record<string, { median: Figures; runs: Figures[] }> = {};
try {
  const bootS = values["vm-bhyve"];
  if (bootS !== undefined) {
    const figures = await measureVmBhyve("anycast", Number(bootS));
    results["vm-bhyve"] = { median: figures, runs: [figures] };
    show("vm-bhyve", [figures], figures);
  }
  for (const size of bootS === undefined ? values.sizes.split(",") : []) {
    const runs = Array.from({ length: runsOf(size) }, () => (size === "image" ? measureImage() : measure(size)));
    const median = medians(runs);
    results[size] = { median, runs };
    show(size, runs, median);
  }
} finally {
  lab(["down", "--all"]);
  rmSync(place, { recursive: true, force: true });
}
process.stdout.write(`${JSON.stringify(results)}\n`);

/** The largest lab three times at most. */
function runsOf(size: string): number {
  return size === "100" ? Math.min(3, Number(values.runs)) : Number(values.runs);
}

function medians(runs: readonly Figures[]): Figures {
  const middle = Math.floor(runs.length / 2);
  const sorted = (key: string) => runs.map((run) => run[key] ?? 0).toSorted((one, other) => one - other);
  return Object.fromEntries(Object.keys(runs[0] ?? {}).map((key) => [key, sorted(key)[middle] ?? 0]));
}

function show(size: string, runs: readonly Figures[], median: Figures): void {
  const worst = (key: string) => Math.max(...runs.map((run) => run[key] ?? 0));
  const rows = Object.entries(median).map(
    ([what, figure]) => `  ${what.padEnd(24)} ${cell(figure)} ${cell(worst(what))}`,
  );
  process.stderr.write(`${size.padEnd(26)} median  worst of ${runs.length}\n${rows.join("\n")}\n`);
}

function cell(figure: number): string {
  return figure.toFixed(2).padStart(6);
}
