import { describe, expect, test } from "vitest";
import { begin, trace, traceUp } from "./trace.ts";

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
