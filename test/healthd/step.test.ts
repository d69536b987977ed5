import { describe, expect, test } from "vitest";
import { defaultRules } from "../../src/healthd/config/service.ts";
import { trace, traceUp } from "./trace.ts";

const begin = { type: "begin", seen: "gone", mode: "ready" } as const;

describe("the way up", () => {
  test("begins down and takes three passed checks in a row", () => {
    const service = trace();
    service.feed(begin);
    for (const result of ["ok", "ok", "fail", "fail", "ok", "ok"] as const) service[result]();
    expect(service.words).toEqual([]);
    expect(service.moves).toEqual(["down", "rising", "down", "rising"]);
  });

  test("is believed at once by a service that failed and then only passes", () => {
    const service = trace();
    service.feed(begin);
    for (const result of ["fail", "fail", "ok", "ok", "ok"] as const) service[result]();
    expect(service.words).toEqual(["up"]);
    expect(service.state().phase).toBe("up");
  });

  test("takes a whole window of passes once the service passed and failed by turns", () => {
    const service = trace();
    service.feed(begin);
    for (const result of ["ok", "fail", ...Array<"ok">(19).fill("ok")] as const) service[result]();
    expect(service.words).toEqual([]);
    service.ok();
    expect(service.words).toEqual(["up"]);
  });

  test("waits for the hold-down, which doubles with every return and has a random part", () => {
    const service = traceUp();
    const held: number[] = [];
    for (let flap = 0; flap < 7; flap += 1) {
      service.fail();
      service.fail();
      held.push(service.state().heldUntil - service.now());
      while (service.state().phase !== "up") service.ok(500);
    }
    // A twentieth more: half of the jitter's tenth.
    expect(held).toEqual([5, 10, 20, 40, 80, 120, 120].map((seconds) => seconds * 1050));
  });

  test("forgets flaps after ten minutes up", () => {
    const service = traceUp();
    service.fail();
    service.fail();
    while (service.state().phase !== "up") service.ok();
    for (let seconds = 0; seconds < 600; seconds += 1) service.ok(1000);
    service.fail();
    service.fail();
    expect(service.state().heldUntil - service.now()).toBe(5250);
  });
});

describe("the way down", () => {
  test("is down, wait, destroy", () => {
    const service = traceUp();
    service.fail();
    expect(service.state().phase).toBe("falling");
    service.fail();
    expect(service.words).toEqual(["renew", "down"]);
    service.pass(1999);
    expect(service.words).toEqual(["renew", "down"]);
    service.pass(1);
    expect(service.words).toEqual(["renew", "down", "destroy"]);
    expect(service.moves).toEqual(["falling", "withdrawn", "down"]);
  });

  test("one failure between passes changes nothing but the interval", () => {
    const service = traceUp();
    service.fail();
    service.ok();
    expect(service.words).toEqual(["renew", "renew"]);
    expect(service.moves).toEqual(["falling", "up"]);
  });

  test("a service that fails every second check goes down within 20, and stays there", () => {
    const service = traceUp();
    for (let check = 1; check <= 20; check += 1) service[check % 2 === 0 ? "fail" : "ok"](1000);
    expect(service.routes).toHaveLength(1);
    for (let second = 0; second < 300; second += 1) service[second % 2 === 0 ? "ok" : "fail"](1000);
    expect(service.routes).toHaveLength(1);
  });

  test("the end of its process makes one failed check enough, but is nothing by itself", () => {
    const service = traceUp();
    service.feed({ type: "died" });
    expect(service.words).toEqual(["check"]);
    service.ok(5);
    expect(service.state().phase).toBe("up");
    service.feed({ type: "died" });
    service.fail(5);
    expect(service.words).toEqual(["check", "renew", "check", "down"]);
  });

  test("without a completed check the lease runs out, which is not the service's fault", () => {
    const service = traceUp();
    service.pass(1000);
    service.feed({ type: "checked", outcome: { result: "unknown", reason: "no fork" }, chance: 0 });
    expect(service.words).toEqual(["alarm"]);
    service.pass(1999);
    expect(service.words).toEqual(["alarm"]);
    service.pass(1);
    expect(service.words).toEqual(["alarm", "down"]);
    expect(service.state()).toMatchObject({ phase: "withdrawn", flaps: 0, reason: "no check was completed for 3 s" });
  });
});

test("a lease begins when the interface is up, however long the root part took", () => {
  const service = trace();
  service.feed(begin);
  for (let check = 0; check < 3; check += 1) service.ok();
  // No wake is fed meanwhile: events wait for what the last one causes.
  service.skip(5000);
  service.feed({ type: "raised" });
  service.ok();
  expect(service.words).toEqual(["up", "renew"]);
  expect(service.state().phase).toBe("up");
});

describe("a start", () => {
  test("adopts what is up, checks it fast, and changes nothing", () => {
    const service = trace();
    service.feed({ type: "begin", seen: "live", mode: "ready" });
    expect(service.state()).toMatchObject({ phase: "up", passes: 0 });
    expect(service.words).toEqual([]);
    service.ok();
    expect(service.words).toEqual(["renew"]);
  });

  test.each(["gone", "foreign"] as const)("does not adopt what is %s", (seen) => {
    const service = trace();
    service.feed({ type: "begin", seen, mode: "ready" });
    expect(service.state().phase).toBe("down");
  });

  test("withdraws what is up with start = down, and then has to be convinced", () => {
    const service = trace({ start: "down" });
    service.feed({ type: "begin", seen: "live", mode: "ready" });
    service.pass(2000);
    for (let check = 0; check < 3; check += 1) service.ok();
    expect(service.words).toEqual(["down", "destroy", "up"]);
  });

  test("takes away what a former one left while it is drained", () => {
    const service = trace({ covered: true });
    service.feed({ type: "begin", seen: "live", mode: "drain" });
    service.pass(4000);
    expect(service.words).toEqual(["down", "destroy", "down cover", "destroy cover"]);
    expect(service.state().phase).toBe("disabled");
  });
});

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
