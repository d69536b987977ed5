import { describe, expect, it } from "vitest";
import { figuresOf, summariseFigures } from "../../src/drill/figures.ts";
import { judgeDrill } from "../../src/drill/judge.ts";
import type { Observed } from "../../src/drill/model.ts";
import { scenarios } from "../../src/drill/registry.ts";
import { readBaseline } from "../../src/drill/baseline.ts";
import { timelineOf } from "../../src/drill/timeline.ts";
import { tallyPhases } from "../../src/drill/requests.ts";
import {
  type DrillReport,
  drillToJson,
  formatDrill,
  formatScenarios,
  formatTimelines,
} from "../../src/report/drill.ts";
import { good } from "../drill/observed.ts";

function reportOf(runs: readonly Observed[], clockMs = 0): DrillReport {
  const servers = ["server01", "server02"];
  return {
    ...{ lab: "small", scenario: "withdraw", rate: 10, clockMs, servers },
    runs: runs.map((run) => ({
      ...{ title: run.fault.title, figures: figuresOf(run), tallies: tallyPhases(run), counted: run.counted },
      timeline: timelineOf(run),
    })),
    figures: summariseFigures(runs.map(figuresOf)),
    verdicts: judgeDrill({ scenario: "withdraw", runs, servers, configured: ["leaf01"], reconfigured: [] }),
  };
}

describe("a drill for people", () => {
  it("is a line for each run, statistics, the share of each server, and verdicts", () => {
    expect(
      formatDrill(reportOf([good, { ...good, fault: { ...good.fault, title: "lo1 of server02 is destroyed" } }])),
    ).toEqual([
      "RUN  FAULT                         DETECTED    LEAF   SPINE    BACK  LOST  OUTAGE  LOST-ON-RETURN  EXPIRED",
      "  1  lo1 of server01 is destroyed    127 ms  127 ms  178 ms  190 ms     2  100 ms               0        3",
      "  2  lo1 of server02 is destroyed    127 ms  127 ms  178 ms  190 ms     2  100 ms               0        3",
      "     p50                             127 ms  127 ms  178 ms  190 ms     2  100 ms               0        3",
      "     p95                             127 ms  127 ms  178 ms  190 ms     2  100 ms               0        3",
      "     max                             127 ms  127 ms  178 ms  190 ms     2  100 ms               0        3",
      "",
      "ANSWERED BY   BEFORE   DURING  RECOVERY    AFTER",
      "server01      50.0 %    0.0 %    50.0 %   50.0 %",
      "server02      50.0 %   90.0 %    50.0 %   50.0 %",
      "nobody       0 of 20  4 of 40   0 of 20  0 of 20",
      "lost: 4 too slow during",
      "",
      "11 pass Traffic turns away from what a drill breaks, and comes back; no routing configuration changes (6)",
      "",
      "6 checks: 6 passed",
    ]);
  });

  it("tells what happened when, where that is asked for", () => {
    expect(formatTimelines(reportOf([good]))).toEqual([
      "RUN    AFTER  NODE      SENDS TO",
      "  1     0 ms  server01  broken",
      "  1   127 ms  leaf01    swp1",
      "  1   178 ms  spine01   swp4",
      "  1  2000 ms  server01  mended",
      "  1  2110 ms  leaf01    swp6",
      "  1  2190 ms  spine01   swp3 swp4",
    ]);
  });

  it("has no statistics of one run, and says how far clocks may be off", () => {
    const lines = formatDrill(reportOf([good], 3));
    expect(lines.join("\n")).not.toContain("p95");
    expect(lines).toContain("The clocks of nodes differ; times may be off by 3 ms.");
  });

  it("lets no client's words move the cursor", () => {
    const evil = { client: "laptop", atMs: good.faultMs + 5, tookMs: 1, error: "\u001b[2Jgone\nagain" };
    const lines = formatDrill(reportOf([{ ...good, requests: [...good.requests, evil] }]));
    expect(lines.find((line) => line.startsWith("lost: "))).toBe("lost: 1  [2Jgone again during, 2 too slow during");
  });

  it("is a list of all there are", () => {
    const lines = formatScenarios(scenarios);
    expect(lines).toHaveLength(scenarios.length + 1);
    expect(lines[1]).toBe("withdraw          a server's service loopback is destroyed by hand, then created again");
  });
});

describe("a drill for machines", () => {
  it("is the baseline of the next one", () => {
    const json = drillToJson(reportOf([good]));
    expect(readBaseline(JSON.stringify(json))).toMatchObject({ scenario: "withdraw", rate: 10 });
    expect(json).toMatchObject({
      ok: true,
      passed: 6,
      totals: { during: { sent: 20, lost: 2, servers: { server02: 18 }, errors: { "too slow": 2 } } },
      runs: [{ title: "lo1 of server01 is destroyed", counted: { leaf01: { expired: 2, forwarded: 300 } } }],
    });
    expect(json.checks).toHaveLength(6);
  });
});
