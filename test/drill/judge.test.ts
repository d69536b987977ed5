import { describe, expect, it } from "vitest";
import { compareWith, readBaseline } from "../../src/drill/baseline.ts";
import { figuresOf, summariseFigures } from "../../src/drill/figures.ts";
import { type Drilled, judgeDrill } from "../../src/drill/judge.ts";
import { statisticsOf } from "../../src/drill/statistics.ts";
import { good, start } from "./observed.ts";

const servers = ["server01", "server02"];
const drilled: Drilled = {
  scenario: "withdraw",
  runs: [good],
  servers,
  configured: ["spine01", "leaf01", "server01"],
  reconfigured: [],
};

const lostAt = (ms: number) => ({ client: "laptop", atMs: start + ms, tookMs: 2, error: "ECONNREFUSED" });

const resultOf = (p50: number, p95: number) =>
  JSON.stringify({
    event: "result",
    scenario: "withdraw",
    rate: 100,
    figures: { spine: { n: 9, p50, p95, max: p95 } },
  });

/** What is wrong, by check. */
const wrong = (given: Partial<Drilled>) =>
  Object.fromEntries(
    judgeDrill({ ...drilled, ...given }).flatMap(({ check, status, seen }) =>
      status === "pass" ? [] : [[check.replace("drill/withdraw/", ""), seen]],
    ),
  );

describe("a drill", () => {
  it("is judged by what must hold whatever was broken", () => {
    expect(judgeDrill(drilled).map(({ check, title, seen }) => `${check} | ${title} | ${seen}`)).toEqual([
      "drill/withdraw/turned | withdraw: routers turn away within 800 ms | at most 178 ms",
      "drill/withdraw/back | withdraw: routers have their planned routes again once it is mended | at most 190 ms",
      "drill/withdraw/steady | withdraw: no request is lost before the fault, nor after the recovery | 0 lost",
      "drill/withdraw/spread | withdraw: every server answers again | server01, server02",
      "drill/withdraw/accounted | withdraw: every request is accounted for | 50 requests",
      "drill/withdraw/configuration | withdraw: FRR's running configuration stays as it is | byte-identical on 3 nodes",
    ]);
    expect(wrong({})).toEqual({});
  });

  it("fails where routers turn late, or never", () => {
    const late = { ...good, fault: { ...good.fault, turnWithinMs: 150 } };
    expect(wrong({ runs: [good, late] })).toEqual({ turned: "run 2: 178 ms" });
    const never = { ...good, seen: { ...good.seen, spine01: (good.seen["spine01"] ?? []).slice(0, 1) } };
    expect(wrong({ runs: [never] })).toEqual({ turned: "run 1: not all routers" });
  });

  it("fails where routers do not come back", () => {
    const { wholeMs: _, ...lost } = good;
    expect(wrong({ runs: [lost] })).toEqual({
      back: "run 1: not all routers after 30 s",
      spread: "run 1: nothing from server01, server02",
    });
  });

  it("fails where requests are lost outside the fault, or a server stays silent", () => {
    const requests = [...good.requests, lostAt(-500), lostAt(3500)];
    expect(wrong({ runs: [{ ...good, requests, sent: 52 }] })).toEqual({
      steady: "run 1: 1 of 11 before; run 1: 1 of 11 after",
    });
    const silent = good.requests.filter(({ atMs, server }) => atMs < start + 3000 || server === "server02");
    expect(wrong({ runs: [{ ...good, requests: silent, sent: silent.length }] })).toEqual({
      spread: "run 1: nothing from server01",
    });
  });

  it("fails where a request is not accounted for", () => {
    expect(wrong({ runs: [{ ...good, sent: 51 }] })).toEqual({ accounted: "run 1: 50 outcomes of 51" });
    expect(wrong({ runs: [{ ...good, sent: Number.NaN }] })).toEqual({
      accounted: "run 1: 50 outcomes of nobody knows",
    });
  });

  it("fails where FRR's configuration is another", () => {
    expect(wrong({ reconfigured: ["leaf01"] })).toEqual({ configuration: "another on leaf01" });
    const anew = judgeDrill({ ...drilled, runs: [{ ...good, fault: { ...good.fault, startsAnew: true } }] });
    expect(anew.at(-1)).toMatchObject({ status: "pass", seen: "the same statements on 3 nodes" });
  });
});

describe("figures", () => {
  it("of a run are whole numbers with names", () => {
    expect(figuresOf(good)).toEqual({
      ...{ detected: 127, leaf: 127, spine: 178, back: 190 },
      ...{ lost: 2, outage: 100, "lost-on-return": 0, expired: 3 },
    });
  });

  it.each([
    [[], undefined],
    [[5], { n: 1, p50: 5, p95: 5, max: 5 }],
    [[3, 1, 2], { n: 3, p50: 2, p95: 3, max: 3 }],
    [[1, 2, 3, 4], { n: 4, p50: 2, p95: 4, max: 4 }],
    [Array.from({ length: 100 }, (_, index) => 100 - index), { n: 100, p50: 50, p95: 95, max: 100 }],
  ])("%j are %j by nearest rank", (values, expected) => {
    expect(statisticsOf(values)).toEqual(expected);
  });

  it("of many runs leave out what none has", () => {
    const { leaf, edge } = summariseFigures([{ leaf: 100 }, { leaf: 200 }]);
    expect({ leaf, edge }).toEqual({ leaf: { n: 2, p50: 100, p95: 200, max: 200 }, edge: undefined });
  });
});

describe("a baseline", () => {
  const compared = (p50: number, p95: number) => {
    const baseline = readBaseline(`{"event":"run"}\n${resultOf(180, 300)}\n`);
    if (baseline === undefined) throw new Error("it is one");
    const now = { spine: { n: 9, p50, p95, max: p95 }, leaf: { n: 9, p50: 1, p95: 1, max: 1 } };
    return compareWith(baseline, now, "server01");
  };

  it.each([
    [180, 300, "pass"],
    [230, 450, "pass"],
    [231, 300, "fail"],
    [180, 451, "fail"],
    [10, 10, "pass"],
  ])("of p50 180 ms, p95 300 ms against %d and %d: %s", (p50, p95, status) => {
    expect(compared(p50, p95)).toMatchObject([
      {
        check: "drill/withdraw/baseline/spine",
        status,
        expected: "p50 at most 230 ms (was 180), p95 at most 450 ms (was 300)",
        seen: `p50 ${p50} ms, p95 ${p95} ms`,
      },
    ]);
  });

  it.each([[""], ["{}"], ["nonsense"], [resultOf(1, 2).replace("result", "run")], [`${resultOf(1, 2)}\n{}`]])(
    "is not %j",
    (text) => {
      expect(readBaseline(text)).toBeUndefined();
    },
  );
});
