/** What must hold whatever happens, in whatever order. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { defaultRules, type Rules } from "../../src/healthd/config/service.ts";
import type { Event, Seen } from "../../src/healthd/machine/event.ts";
import { isAnnounced } from "../../src/healthd/machine/state.ts";
import { trace, type Trace } from "./trace.ts";

const rules: fc.Arbitrary<Rules> = fc
  .record({
    rise: fc.integer({ min: 1, max: 4 }),
    fall: fc.integer({ min: 1, max: 4 }),
    window: fc.integer({ min: 4, max: 20 }),
    windowFall: fc.integer({ min: 2, max: 4 }),
    holdDownMs: fc.constantFrom(0, 1000, 5000),
    drainMs: fc.constantFrom(0, 100, 2000),
    covered: fc.boolean(),
    start: fc.constantFrom("adopt" as const, "down" as const),
  })
  .map((some) => Object.assign({}, defaultRules, some));

const seen = fc.constantFrom<Seen>("live", "gone", "foreign");
const outcome = fc.constantFrom(
  { result: "ok" } as const,
  { result: "fail", reason: "broken" } as const,
  { result: "unknown", reason: "no fork" } as const,
);
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant("checked" as const), outcome, chance: fc.constant(0.5) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("seen" as const), seen, cover: seen }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("died" as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("wake" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("mode" as const), mode: fc.constantFrom("ready", "drain", "maint") }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("reload" as const), rules }) },
);
const waits = fc.constantFrom(0, 50, 200, 1000, 2500);
const steps = fc.array(fc.tuple(waits, event), { maxLength: 80 });

/** Plays it all; `each` looks at the words of every event, wakes included. */
function play(
  first: Rules,
  live: boolean,
  events: readonly (readonly [number, Event])[],
  each?: (service: Trace) => void,
) {
  const service = trace(first);
  service.feed({ type: "begin", seen: live ? "live" : "gone", mode: "ready" });
  for (const [ms, next] of events) {
    service.pass(ms);
    service.feed(next);
    each?.(service);
  }
  return service;
}

test("an address never comes without enough passed checks in a row", () => {
  fc.assert(
    fc.property(rules, steps, (first, events) => {
      const service = trace(first);
      service.feed({ type: "begin", seen: "gone", mode: "ready" });
      let inRow = 0;
      for (const [ms, next] of events) {
        const before = service.state();
        service.pass(ms);
        if (next.type === "checked" && next.outcome.result !== "unknown") {
          inRow = next.outcome.result === "ok" ? inRow + 1 : 0;
        }
        service.feed(next);
        if (isAnnounced(before) || !isAnnounced(service.state())) continue;
        expect(inRow).toBeGreaterThanOrEqual(service.state().rules.rise);
        expect(service.now()).toBeGreaterThanOrEqual(before.heldUntil);
      }
    }),
  );
});

test("an interface is down when it is destroyed", () => {
  fc.assert(
    fc.property(rules, fc.boolean(), steps, (first, live, events) => {
      const { words } = play(first, live, events);
      for (const suffix of ["", " cover"]) {
        const own = words.filter((word) => new RegExp(`^(up|down|destroy)${suffix}$`).test(word));
        const before = own.filter((_, index) => own[index + 1] === `destroy${suffix}`);
        expect(new Set([`down${suffix}`, ...before])).toEqual(new Set([`down${suffix}`]));
      }
    }),
  );
});

test("an interface is not destroyed sooner than the drain time after it went down", () => {
  fc.assert(
    fc.property(rules, steps, (first, events) => {
      let dueAt = 0;
      const early: number[] = [];
      play(first, true, events, (service) => {
        const { destroyAt } = service.state();
        if (destroyAt === undefined && service.now() < dueAt) early.push(service.now());
        dueAt = destroyAt ?? 0;
      });
      expect(early).toEqual([]);
    }),
  );
});

test("nothing is renewed but what is announced, and only by a completed check", () => {
  fc.assert(
    fc.property(rules, fc.boolean(), steps, (first, live, events) => {
      const service = trace(first);
      service.feed({ type: "begin", seen: live ? "live" : "gone", mode: "ready" });
      for (const [ms, next] of events) {
        service.pass(ms);
        const actions = service.feed(next);
        if (!actions.some((action) => action.type === "act" && action.word === "renew")) continue;
        expect(isAnnounced(service.state())).toBe(true);
        expect(next).toMatchObject({ type: "checked", outcome: { result: expect.stringMatching(/ok|fail/) } });
      }
    }),
  );
});

test("whoever wants a service gone gets it gone in twice the drain time, whatever its checks say", () => {
  fc.assert(
    fc.property(rules, steps, fc.constantFrom("leave", "drain", "maint"), outcome, (first, events, wish, result) => {
      const service = play(first, true, events);
      service.feed(wish === "leave" ? { type: "leave" } : { type: "mode", mode: wish as "drain" | "maint" });
      for (let count = 0; count < 10; count += 1) {
        service.feed({ type: "checked", outcome: result, chance: 0 });
        // Longer than any drain time that was reloaded meanwhile.
        service.pass(2500);
      }
      expect(service.state().phase).toBe(wish === "leave" ? "stopped" : "disabled");
    }),
  );
});

test("a service that fails at random every second time changes routes at most twice in five minutes", () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.boolean()), (coins) => {
      const service = trace();
      service.feed({ type: "begin", seen: "live", mode: "ready" });
      while (service.now() < 301_000) {
        const everyMs = isAnnounced(service.state()) ? 1000 : 200;
        service[coins.next().value ? "fail" : "ok"](everyMs);
      }
      expect(service.routes.length).toBeOneOf([1, 2]);
    }),
    { numRuns: 30, seed: 4 },
  );
});
