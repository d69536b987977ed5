import { describe, expect, test } from "vitest";
import { defaultRules } from "../../src/healthd/config/service.ts";
import { begin, trace, traceUp } from "./trace.ts";

describe("reconciling", () => {
  const look = { type: "seen", cover: "live" } as const;

  test("makes again what somebody destroyed", () => {
    const service = traceUp();
    service.feed({ ...look, seen: "gone" });
    expect(service.words).toEqual(["alarm", "up"]);
  });

  test("takes down what somebody made, in the usual order", () => {
    const service = trace();
    service.feed(begin);
    service.feed({ ...look, seen: "live" });
    service.pass(2000);
    expect(service.words).toEqual(["alarm", "down", "destroy"]);
  });

  test("leaves an interface with somebody else's address alone, whatever it wants", () => {
    const service = traceUp();
    service.feed({ ...look, seen: "foreign" });
    const down = trace();
    down.feed(begin);
    down.feed({ ...look, seen: "foreign" });
    expect([service.words, down.words]).toEqual([["alarm"], []]);
  });

  test("makes the cover again while the service is unhealthy, not while it is drained", () => {
    const service = trace({ covered: true });
    service.feed(begin);
    service.feed({ type: "seen", seen: "gone", cover: "gone" });
    expect(service.words).toEqual(["up cover", "alarm", "up cover"]);
    service.feed({ type: "mode", mode: "drain" });
    service.pass(10_000);
    service.words.length = 0;
    service.feed({ type: "seen", seen: "gone", cover: "gone" });
    expect(service.words).toEqual([]);
  });
});

describe("draining", () => {
  test("takes the cover along, but only when the address is gone everywhere", () => {
    const service = traceUp({ covered: true });
    service.feed({ type: "mode", mode: "drain" });
    expect(service.words).toEqual(["down"]);
    service.pass(2000);
    expect(service.words).toEqual(["down", "destroy", "down cover"]);
    service.pass(2000);
    expect(service.words).toEqual(["down", "destroy", "down cover", "destroy cover"]);
    expect(service.moves).toEqual(["draining", "disabled"]);
  });

  test("does not come back by passed checks, but by the word ready, and not without proof", () => {
    const service = traceUp();
    service.feed({ type: "mode", mode: "drain" });
    for (let check = 0; check < 30; check += 1) service.ok();
    expect(service.words).toEqual(["down", "destroy"]);
    service.feed({ type: "mode", mode: "ready" });
    expect(service.words).toEqual(["down", "destroy"]);
    for (let check = 0; check < 3; check += 1) service.ok();
    expect(service.words).toEqual(["down", "destroy", "up"]);
  });

  test("takes what is withdrawn already into account", () => {
    const service = traceUp({ covered: true });
    service.fail();
    service.fail();
    service.feed({ type: "mode", mode: "maint" });
    service.pass(4000);
    expect(service.words).toEqual(["renew", "down", "destroy", "down cover", "destroy cover"]);
    expect(service.state().phase).toBe("disabled");
  });

  test("that is called off goes to its end, and the cover comes back", () => {
    const service = traceUp({ covered: true });
    service.feed({ type: "mode", mode: "drain" });
    service.pass(2500);
    service.feed({ type: "mode", mode: "ready" });
    service.pass(2000);
    expect(service.words).toEqual(["down", "destroy", "down cover", "destroy cover", "up cover"]);
    expect(service.state().phase).toBe("rising");
  });
});

test.each(["up", "down", "disabled"])("a healthd that leaves while %s withdraws everything and stops", (phase) => {
  const service = phase === "up" ? traceUp() : trace();
  if (phase !== "up") service.feed({ ...begin, mode: phase === "down" ? "ready" : "drain" });
  service.pass(5000);
  if (phase === "up") service.ok(0);
  service.feed({ type: "leave" });
  service.pass(2000);
  expect(service.state().phase).toBe("stopped");
});

test("a reload takes the new rules and changes no route", () => {
  const service = traceUp();
  service.feed({ type: "reload", rules: { ...defaultRules, fall: 3, window: 5 } });
  service.fail();
  service.fail();
  expect(service.words).toEqual(["renew", "renew"]);
  service.fail();
  expect(service.words).toEqual(["renew", "renew", "down"]);
});
