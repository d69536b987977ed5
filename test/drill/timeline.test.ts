import { describe, expect, it } from "vitest";
import type { Observed } from "../../src/drill/model.ts";
import { hasTurned, momentsOf } from "../../src/drill/timeline.ts";
import { good, start, turns } from "./observed.ts";

const seenBy = (router: string, ...seen: readonly (readonly [ms: number, ...ports: string[]])[]): Observed => ({
  ...good,
  seen: { ...good.seen, [router]: seen.map(([ms, ...ports]) => ({ atMs: start + ms, ports })) },
});

describe("the moments of a fault", () => {
  it("are when each tier had turned away, and when all had come back", () => {
    expect(momentsOf(good)).toEqual({
      detectedMs: 127,
      leafMs: 127,
      spineMs: expect.closeTo(178.4, 3),
      turnedMs: expect.closeTo(178.4, 3),
      backMs: 190,
    });
  });

  it("are those from which on it stayed so", () => {
    const flapping = seenBy(
      "spine01",
      [-9, "swp3", "swp4"],
      [170, "swp4"],
      [200, "swp3", "swp4"],
      [950, "swp4"],
      [2100, "swp3", "swp4"],
    );
    expect(momentsOf(flapping)).toMatchObject({ detectedMs: 127, spineMs: 950, backMs: 110 });
  });

  it("are absent where a router never turned, or never came back", () => {
    const stuck = momentsOf(seenBy("spine01", [-9, "swp3", "swp4"]));
    expect(stuck).toMatchObject({ leafMs: 127 });
    expect(stuck).not.toHaveProperty("spineMs");
    expect(stuck).not.toHaveProperty("turnedMs");
    expect(momentsOf(seenBy("leaf01", [-9, "swp6"], [127, "swp1"]))).not.toHaveProperty("backMs");
  });

  it("tell when a router was away from what is lost apart from when it had others", () => {
    const dropping = seenBy("leaf01", [-9, "swp6"], [127], [300, "swp1"], [2100, "swp6"]);
    expect(momentsOf(dropping)).toMatchObject({ detectedMs: 127, leafMs: 127, turnedMs: 300 });
  });

  it("leave a lost router out of turning, and wait for it to come back", () => {
    const [leaf, spine] = turns;
    if (leaf === undefined || spine === undefined) throw new Error("there are two");
    const crashed = { ...good, turns: [{ ...leaf, turned: undefined }, spine] };
    expect(momentsOf(crashed)).toMatchObject({ turnedMs: expect.closeTo(178.4, 3), backMs: 190 });
    expect(momentsOf(crashed)).not.toHaveProperty("leafMs");
  });

  it("count what came back before the repair as there at once", () => {
    const early = { ...seenBy("leaf01", [-9, "swp6"], [127, "swp1"], [1500, "swp6"]), turns: turns.slice(0, 1) };
    expect(momentsOf(early)).toMatchObject({ backMs: 0 });
  });
});

describe("a router", () => {
  it.each([
    [["swp4"], true],
    [[], false],
    [["swp3", "swp4"], false],
    [["swp3"], false],
    [["swp9"], true],
  ])("with ports %j has turned to swp4: %s", (ports, expected) => {
    expect(hasTurned({ whole: ["swp3", "swp4"], turned: ["swp4"] }, ports)).toBe(expected);
  });

  it("with nowhere to turn to has turned once it has no route", () => {
    expect(hasTurned({ whole: ["swp3"], turned: [] }, [])).toBe(true);
    expect(hasTurned({ whole: ["swp3"], turned: [] }, ["swp3"])).toBe(false);
  });
});
