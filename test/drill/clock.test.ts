import { describe, expect, it } from "vitest";
import { offsetOf, readDate } from "../../src/drill/clock.ts";

describe("a node's clock", () => {
  it.each([
    ["1764287682.066123456\n", 1_764_287_682_066.123456],
    ["1764287682.5\n", 1_764_287_682_500],
    ["1764287682.N\n", undefined],
    ["1764287682\n", undefined],
    ["", undefined],
    ["1764287682.1\nmore", undefined],
  ])("that says %j is at %s", (text, ms) => {
    expect(readDate(text)).toEqual(ms === undefined ? undefined : expect.closeTo(ms, 2));
  });

  it("is as far ahead as the quickest look says", () => {
    const looks = [
      { beginMs: 1000, endMs: 1100, nodeMs: 9000 },
      { beginMs: 2000, endMs: 2004, nodeMs: 7002 },
      { beginMs: 3000, endMs: 3050, nodeMs: 1 },
    ];
    expect(offsetOf(looks)).toEqual({ aheadMs: 5000, errorMs: 2 });
    expect(offsetOf([])).toBeUndefined();
  });
});
