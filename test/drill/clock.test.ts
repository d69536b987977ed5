import { describe, expect, it } from "vitest";
import { offsetOf, readDate } from "../../src/drill/clock.ts";

describe("a node's clock", () => {
  it.each([
    ["1764287682.066123456\n", 1_764_287_682_066.123],
    ["1764287682.5\n", 1_764_287_682_500],
  ])("that says %j is at %d ms", (text, ms) => {
    expect(readDate(text)).toBeCloseTo(ms, 2);
  });

  it.each([["1764287682.N\n"], ["1764287682\n"], [""], ["1764287682.1\nmore"]])("that says %j says nothing", (text) => {
    expect(readDate(text)).toBeUndefined();
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
