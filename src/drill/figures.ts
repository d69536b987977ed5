/** What a run comes to in numbers, and many runs in statistics of each. */
import type { Observed } from "./model.ts";
import { outageMs, tallyPhases } from "./requests.ts";
import { type Statistics, statisticsOf } from "./statistics.ts";
import { momentsOf } from "./timeline.ts";

/** Names, units and order of the figures, as every report has them. */
export const figures = [
  { name: "detected", unit: "ms" },
  { name: "leaf", unit: "ms" },
  { name: "spine", unit: "ms" },
  { name: "edge", unit: "ms" },
  { name: "back", unit: "ms" },
  { name: "lost", unit: "requests" },
  { name: "outage", unit: "ms" },
  { name: "lost-on-return", unit: "requests" },
  { name: "expired", unit: "packets" },
] as const;

export type FigureName = (typeof figures)[number]["name"];
export type Figures = Readonly<Partial<Record<FigureName, number>>>;

/** A figure that a fault has not, such as the time of a leaf where no leaf turns, is left out. */
export function figuresOf(observed: Observed): Figures {
  const moments = momentsOf(observed);
  const tallies = tallyPhases(observed);
  const all: Readonly<Record<FigureName, number | undefined>> = {
    detected: moments.detectedMs,
    leaf: moments.leafMs,
    spine: moments.spineMs,
    edge: moments.edgeMs,
    back: moments.backMs,
    lost: tallies.during.lost,
    outage: outageMs(observed),
    "lost-on-return": tallies.recovery.lost,
    expired: Object.values(observed.counted).reduce((sum, { expired }) => sum + expired, 0),
  };
  const known = Object.entries(all).filter((entry): entry is [FigureName, number] => entry[1] !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [name, Math.round(value)]));
}

export function summariseFigures(runs: readonly Figures[]): Readonly<Partial<Record<FigureName, Statistics>>> {
  return Object.fromEntries(
    figures.flatMap(({ name }) => {
      const statistics = statisticsOf(runs.flatMap((run) => run[name] ?? []));
      return statistics === undefined ? [] : [[name, statistics]];
    }),
  );
}
