import { describe, expect, it } from "vitest";
import { resultToJson } from "../../src/cli/commands/up.ts";
import { verdictsToJson } from "../../src/report/verdicts.ts";
import type { Verdict } from "../../src/verify/model.ts";

const spread: Verdict = {
  ...{ check: "spread/laptop/web", row: 10, title: "", node: "laptop", status: "pass", expected: "", seen: "" },
  share: { server01: 3, server02: 1 },
};
const result = { changed: true, reasons: ["leaf03: new"], verdicts: [spread], rows: [], timings: { build: 7 } };

describe("the result of lab up --json", () => {
  it("has the verdicts of verify --json, the share in numbers among them", () => {
    const json = resultToJson("duo", result);
    expect(json).toMatchObject({
      event: "result",
      lab: "duo",
      changed: true,
      convergeMs: null,
      ...verdictsToJson([spread]),
    });
    expect(json.spread[0]?.servers[0]).toEqual({ server: "server01", flows: 3, share: 0.75 });
    expect(json).not.toHaveProperty("verdicts");
  });

  it("has every key also where the run stopped before verification", () => {
    const json = resultToJson("duo", { ...result, verdicts: [] });
    expect(json).toMatchObject({ ok: true, passed: 0, failed: 0, skipped: 0, spread: [], checks: [], nodes: [] });
  });
});
