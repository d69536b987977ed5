import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { explainDeadlock } from "../../src/healthd/daemon/deadlock.ts";
import { startFleet } from "../../src/healthd/daemon/fleet.ts";
import { keepService } from "../../src/healthd/daemon/keeper.ts";
import { readMode } from "../../src/healthd/daemon/maintenance.ts";
import { askBgpd } from "../../src/healthd/daemon/routing.ts";
import { watchProcess } from "../../src/healthd/daemon/watch.ts";
import { fakeWorld, quickService, stopped } from "./world.ts";

const failed = { result: "fail", reason: "nothing listens there" } as const;

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "healthd-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe("a keeper", () => {
  test("announces, renews with every check, and withdraws", async () => {
    const world = fakeWorld();
    stopped(keepService(quickService("web", 1), world));
    await expect.poll(() => world.told.slice(0, 3)).toEqual(["up web", "renew web", "renew web"]);
    world.outcome = failed;
    await expect.poll(() => world.told.slice(-2)).toEqual(["down web", "destroy web"]);
    expect(world.moves).toEqual(["down", "rising", "up", "falling", "withdrawn", "down"]);
  });

  test("steps back when the maintenance file says so, and goes on looking at it", async () => {
    const world = fakeWorld();
    const keeper = stopped(keepService(quickService("web", 1), world));
    await expect.poll(() => keeper.state().phase).toBe("up");
    world.mode = "maint";
    await expect.poll(() => keeper.state().phase).toBe("disabled");
    const { checks } = world;
    world.mode = "ready";
    await expect.poll(() => keeper.state().phase).toBe("up");
    expect(world.checks).toBeGreaterThan(checks);
  });

  test("tells of the deadlock when nothing ever listened, once", async () => {
    const world = fakeWorld();
    world.outcome = failed;
    stopped(keepService(quickService("web", 1), world));
    await expect.poll(() => world.checks).toBeGreaterThan(8);
    const alarms = world.entries.filter(({ event }) => event === "alarm");
    expect(alarms).toHaveLength(1);
    expect(alarms[0]?.["reason"]).toContain("A service that is bound to 172.20.0.1 cannot start before lo1 is there");
  });

  test("counts failed acts and says why", async () => {
    const world = fakeWorld();
    const broken = { ...world, interfaces: { ...world.interfaces, act: async () => "lo1 has 192.0.2.1/24" } };
    const keeper = stopped(keepService(quickService("web", 1), broken));
    await expect.poll(() => keeper.tally().failedActs).toBeGreaterThan(0);
    expect(world.entries.map(({ reason }) => reason)).toContain("up failed: lo1 has 192.0.2.1/24");
  });
});

describe("a fleet", () => {
  test("reloads rules without a route change, withdraws what is gone and begins what is new", async () => {
    const world = fakeWorld();
    const fleet = stopped(startFleet([quickService("a", 1), quickService("b", 2)], world));
    await expect.poll(() => world.told).toEqual(expect.arrayContaining(["up a", "up b"]));
    world.told.length = 0;
    await fleet.reload([quickService("a", 1, { fall: 7 }), quickService("c", 3)]);
    await expect.poll(() => world.told).toContain("up c");
    expect(world.told.filter((words) => !words.startsWith("renew"))).toEqual(["down b", "destroy b", "up c"]);
    expect(fleet.keepers().map((keeper) => keeper.state().rules.fall)).toEqual([7, 2]);
  });

  test("moves a service to another interface by withdrawing it first", async () => {
    const world = fakeWorld();
    const fleet = stopped(startFleet([quickService("a", 1)], world));
    await expect.poll(() => world.told).toContain("up a");
    await fleet.reload([quickService("a", 2)]);
    await expect.poll(() => world.told.filter((words) => words === "up a")).toHaveLength(2);
    expect(world.told.filter((words) => /^(down|destroy|up)/.test(words))).toEqual([
      "up a",
      "down a",
      "destroy a",
      "up a",
    ]);
  });

  test("leaves by withdrawing all but what is to be kept", async () => {
    const world = fakeWorld();
    const fleet = stopped(startFleet([quickService("a", 1), quickService("b", 2, { onExit: "keep" })], world));
    await expect.poll(() => world.told).toEqual(expect.arrayContaining(["up a", "up b"]));
    await fleet.leave();
    expect(world.told.filter((words) => /^(down|destroy)/.test(words))).toEqual(["down a", "destroy a"]);
  });
});

test("a process that ends, or whose number is another's now, is noticed once; a new one as well", () => {
  const file = join(temporary(), "pid");
  const started = new Map([[4711, "first"]]);
  const heard: string[] = [];
  writeFileSync(file, "4711\n");
  const on = { died: () => heard.push("died"), born: () => heard.push("born") };
  const watch = watchProcess(
    file,
    on,
    (pid) => started.get(pid),
    (pid) => started.has(pid),
  );
  watch.look();
  expect(heard).toEqual([]);
  started.set(4711, "second");
  watch.look();
  expect(heard).toEqual(["died"]);
  watch.glance();
  expect(heard).toEqual(["died", "born"]);
  started.clear();
  writeFileSync(file, "no number");
  watch.glance();
  watch.glance();
  expect(heard).toEqual(["died", "born", "died"]);
});

test.each([
  ["ready", "ready"],
  ["drain\n", "drain"],
  ["maint until Monday", "maint"],
  ["", "drain"],
  ["whatever", "drain"],
])("a maintenance file that says %j means %s", (text, mode) => {
  const file = join(temporary(), "web.disable");
  expect(readMode(file)).toBe("ready");
  writeFileSync(file, text);
  expect(readMode(file)).toBe(mode);
});

test.each([
  ["an answer in JSON", "echo '{}'", { answers: true, reason: "" }],
  ["an error", "exit 1", { answers: false, reason: "vtysh ended with 1" }],
  ["no JSON", "echo bgpd is not running", { answers: false, reason: "its answer is no JSON" }],
  ["nothing", "sleep 100", { answers: false, reason: "no answer within 2 s" }],
])("bgpd is judged by %s", async (_, script, expected) => {
  const vtysh = join(temporary(), "vtysh");
  writeFileSync(vtysh, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  expect(await askBgpd(vtysh)).toEqual(expected);
});

test("a service with a cover has no deadlock: its address is always there", () => {
  const cover = { prefix: "172.20.0.1/31", interface: "lo9" };
  expect(explainDeadlock({ ...quickService("web", 1), cover })).toBeUndefined();
});
