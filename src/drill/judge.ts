/** What must hold of every drill, whatever it broke: one verdict each, over all its runs. */
import { count } from "../count.ts";
import type { Verdict } from "../verify/model.ts";
import type { Observed } from "./model.ts";
import { tallyPhases } from "./requests.ts";
import { momentsOf } from "./timeline.ts";

/** How long routers may take to have their planned routes again: as long as after `lab up`. */
export const backWithinMs = 30_000;

export interface Drilled {
  readonly scenario: string;
  readonly runs: readonly Observed[];
  /** Servers of the service. */
  readonly servers: readonly string[];
  /** Nodes with FRR, and those of them whose running configuration is another than before. */
  readonly configured: readonly string[];
  readonly reconfigured: readonly string[];
}

/** What a run is found to have done wrong, if anything. */
type Complain = (run: Observed) => readonly string[];

interface Rule {
  readonly id: string;
  readonly title: string;
  readonly expected: string;
  readonly complain: Complain;
  /** What is said when all is well. */
  readonly seen: string;
}

export function judgeDrill(drilled: Drilled): readonly Verdict[] {
  return [...rulesOf(drilled).map((rule) => judgeRuns(rule, drilled)), judgeConfiguration(drilled)];
}

function rulesOf({ runs, servers }: Drilled): readonly Rule[] {
  const moments = runs.map(momentsOf);
  const limit = Math.max(0, ...runs.map(({ fault }) => fault.turnWithinMs));
  const sent = runs.reduce((sum, run) => sum + run.sent, 0);
  return [
    {
      id: "turned",
      title: `routers turn away within ${limit} ms`,
      expected: `at most ${limit} ms after the fault`,
      complain: lateTurns,
      seen: `at most ${most(moments.map(({ turnedMs }) => turnedMs))} ms`,
    },
    {
      id: "back",
      title: "routers have their planned routes again once it is mended",
      expected: `at most ${backWithinMs / 1000} s after the repair`,
      complain: (run) => (isBack(run) ? [] : [`not all routers after ${backWithinMs / 1000} s`]),
      seen: `at most ${most(moments.map(({ backMs }) => backMs))} ms`,
    },
    {
      id: "steady",
      title: "no request is lost before the fault, nor after the recovery",
      expected: "0 lost",
      complain: lostOutside,
      seen: "0 lost",
    },
    {
      id: "spread",
      title: "every server answers again",
      expected: servers.join(", "),
      complain: (run) => silentAfter(run, servers),
      seen: servers.join(", "),
    },
    {
      id: "accounted",
      title: "every request is accounted for",
      expected: "as many outcomes as requests",
      complain: ({ requests, sent: all }) =>
        requests.length === all ? [] : [`${requests.length} outcomes of ${Number.isNaN(all) ? "nobody knows" : all}`],
      seen: count(sent, "request"),
    },
  ];
}

function most(times: readonly (number | undefined)[]): number {
  return Math.round(Math.max(0, ...times.map((time) => time ?? 0)));
}

function judgeRuns({ id, title, expected, complain, seen }: Rule, { scenario, runs }: Drilled): Verdict {
  const complaints = runs.flatMap((run, index) => complain(run).map((text) => `run ${index + 1}: ${text}`));
  const good = complaints.length === 0;
  return {
    ...verdictOf(scenario, id, runs[0]?.fault.node ?? "", title),
    status: good ? "pass" : "fail",
    expected,
    seen: good ? seen : complaints.join("; "),
  };
}

function judgeConfiguration({ scenario, runs, configured, reconfigured }: Drilled): Verdict {
  const good = reconfigured.length === 0;
  // What has started anew says the same in another order.
  const same = runs.some(({ fault }) => fault.startsAnew) ? "the same statements" : "byte-identical";
  const nodes = count(configured.length, "node");
  return {
    ...verdictOf(scenario, "configuration", runs[0]?.fault.node ?? "", "FRR's running configuration stays as it is"),
    status: good ? "pass" : "fail",
    expected: `${same} on ${nodes}`,
    seen: good ? `${same} on ${nodes}` : `another on ${reconfigured.join(", ")}`,
    ...(!good && { hint: `lab exec ${reconfigured[0]} -- vtysh -c 'show running-config'` }),
  };
}

/** What all verdicts of a drill have in common. */
export function verdictOf(scenario: string, id: string, node: string, title: string) {
  return { check: `drill/${scenario}/${id}`, row: 11, title: `${scenario}: ${title}`, node } as const;
}

const lateTurns: Complain = (run) => {
  const { turnedMs } = momentsOf(run);
  const { turnWithinMs } = run.fault;
  if (run.turns.every(({ turned }) => turned === undefined)) return [];
  if (turnedMs === undefined) return ["not all routers"];
  return turnedMs > turnWithinMs ? [`${Math.round(turnedMs)} ms`] : [];
};

function isBack(run: Observed): boolean {
  const { backMs } = momentsOf(run);
  return run.wholeMs !== undefined && backMs !== undefined && backMs <= backWithinMs;
}

const lostOutside: Complain = (run) => {
  const { before, after } = tallyPhases(run);
  return [
    ...(before.lost === 0 ? [] : [`${before.lost} of ${before.sent} before`]),
    ...(after.lost === 0 ? [] : [`${after.lost} of ${after.sent} after`]),
  ];
};

function silentAfter(run: Observed, servers: readonly string[]): readonly string[] {
  const answered = tallyPhases(run).after.servers;
  const silent = servers.filter((server) => (answered[server] ?? 0) === 0);
  return silent.length === 0 ? [] : [`nothing from ${silent.join(", ")}`];
}
