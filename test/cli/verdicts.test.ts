import { describe, expect, it } from "vitest";
import { verdictCode } from "../../src/cli/verdicts.ts";
import { checksOf } from "../../src/verify/checks.ts";
import type { Deadline, Verdict } from "../../src/verify/model.ts";
import { smallPlan } from "../verify/small-plan.ts";

const checks = checksOf(smallPlan);

/** Verdicts on all checks, of which the first one of each given class fails. */
function failing(...classes: readonly Deadline[]): Verdict[] {
  const failed = new Set(classes.map((wanted) => checks.find(({ deadline }) => deadline === wanted)?.id));
  return checks.map(({ id, row, title, node }) => ({
    ...{ check: id, row, title, node, expected: "", seen: "" },
    status: failed.has(id) ? "fail" : "pass",
  }));
}

describe("the exit code of verdicts", () => {
  it.each([
    [0, "when all hold", failing()],
    [5, "when only routes were missing in time", failing("routing")],
    [5, "when the traffic that needs them failed as well", failing("routing", "traffic")],
    [1, "when traffic failed although the routes are there", failing("traffic")],
    [1, "when something failed that does not wait for routes", failing("routing", "settled")],
    [1, "when nothing else failed", failing("settled")],
  ])("is %i %s", (code, _, verdicts) => {
    expect(verdictCode(verdicts, checks)).toBe(code);
  });
});
