/** A world without a kernel: interfaces in a map, checks whose outcome a test sets. */
import { onTestFinished } from "vitest";
import { defaultRules, type Rules, type Service } from "../../src/healthd/config/service.ts";
import type { Entry } from "../../src/healthd/daemon/log.ts";
import type { World } from "../../src/healthd/daemon/world.ts";
import { pretendInterfaces } from "../../src/healthd/interface/interfaces.ts";
import type { Outcome } from "../../src/healthd/machine/event.ts";
import type { Mode } from "../../src/healthd/machine/state.ts";

export interface FakeWorld extends World {
  readonly told: string[];
  readonly entries: Entry[];
  readonly moves: string[];
  outcome: Outcome;
  mode: Mode;
  checks: number;
}

export function fakeWorld(): FakeWorld {
  const told: string[] = [];
  const entries: Entry[] = [];
  const moves: string[] = [];
  const world: FakeWorld = {
    told,
    entries,
    moves,
    outcome: { result: "ok" },
    mode: "ready",
    checks: 0,
    interfaces: pretendInterfaces((words) => told.push(words)),
    log: (entry) => entries.push(entry),
    now: () => performance.now(),
    chance: () => 0,
    runCheck: async () => {
      world.checks += 1;
      return { outcome: world.outcome, tookMs: 1 };
    },
    readMode: () => world.mode,
    onBeat: () => () => {},
    tell: (_, { to }) => moves.push(to),
  };
  return world;
}

/** Everything a hundred times as fast as it would be on a server. */
export function quickService(name: string, place: number, rules: Partial<Rules> = {}): Service {
  return {
    name,
    prefixes: [`172.20.0.${place}/32`],
    interface: `lo${place}`,
    check: { kind: "tcp", target: { address: "127.0.0.1", port: 80 } },
    rules: {
      ...defaultRules,
      intervalMs: 10,
      fastIntervalMs: 2,
      downIntervalMs: 20,
      holdDownMs: 0,
      drainMs: 5,
      leaseMs: 60_000,
      ...rules,
    },
    disableFile: "/nowhere",
  };
}

/** Stops when the test is over, whatever became of it. */
export function stopped<T extends { readonly stop: () => void }>(running: T): T {
  onTestFinished(() => running.stop());
  return running;
}
