import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/system/clock.ts";

describe("a pause", () => {
  it("lasts as long as it should", async () => {
    const start = systemClock.now();
    await systemClock.pause(20);
    expect(systemClock.now() - start).toBeGreaterThanOrEqual(18);
  });

  it("ends at once when it is interrupted, or was before, and leaves no listener", async () => {
    const interrupt = new AbortController();
    const start = systemClock.now();
    const pause = systemClock.pause(60_000, interrupt.signal);
    interrupt.abort();
    await pause;
    await systemClock.pause(60_000, interrupt.signal);
    expect(systemClock.now() - start).toBeLessThan(1000);
  });
});
