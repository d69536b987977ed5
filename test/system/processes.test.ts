import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/system/clock.ts";
import { childrenOf, findByVariable, findProcesses, identify, isAlive, kill } from "../../src/system/processes.ts";
import { endByVariable } from "../../src/system/sweep.ts";
import { isRunning, onLinux, until } from "../fakes/processes.ts";

const sleeping = (seconds: string) => findProcesses(([program, time]) => program === "sleep" && time === seconds);

describe("processes", () => {
  it.each([
    ["as it is", "sleep", ["31.5"]],
    // Of /proc that is the hard part; FreeBSD need not have bash.
    ...(onLinux ? [["with spaces and parentheses", "bash", ["-c", "exec -a ') S 1 (' sleep 31.5"]] as const] : []),
  ] as const)("are told apart by pid and start time, with a name %s", async (_what, program, args) => {
    const child = spawn(program, args);
    const identity = identify(child.pid ?? 0);
    expect(identity?.startTime).toMatch(/^\d+$/);
    expect(identity && isAlive(identity)).toBe(true);
    expect(isAlive({ pid: child.pid ?? 0, startTime: "1" })).toBe(false);
    kill(child.pid ?? 0);
    await once(child, "exit");
    expect(identity && isAlive(identity)).toBe(false);
    expect(identify(child.pid ?? 0)).toBeUndefined();
  });

  it("that have ended and wait for their parent are gone", async () => {
    const parent = spawn("sh", ["-c", "true & exec sleep 30"], { stdio: "ignore" });
    await once(parent, "spawn");
    const hasZombie = () => childrenOf(parent.pid ?? 0).some((pid) => identify(pid) === undefined);
    await until(hasZombie);
    expect(hasZombie()).toBe(true);
    kill(parent.pid ?? 0);
  });

  it("are found by their arguments, with their user", async () => {
    const child = spawn("sleep", ["31.25"]);
    await once(child, "spawn");
    expect(sleeping("31.25")).toEqual([
      { ...identify(child.pid ?? 0), user: process.getuid?.(), argv: ["sleep", "31.25"] },
    ]);
    expect(sleeping("31")).toEqual([]);
    expect(childrenOf(process.pid)).toContain(child.pid);
    kill(child.pid ?? 0);
    await once(child, "exit");
    expect(sleeping("31.25")).toEqual([]);
  });

  it("are found by a variable that they were started with, and so is what they have started", async () => {
    const child = spawn("sh", ["-c", "sleep 31.75 & wait"], { env: { ...process.env, LAB_TEST_MARK: "/a b" } });
    await until(() => sleeping("31.75").length > 0);
    const pids = [child.pid, ...childrenOf(child.pid ?? 0)];
    // Pids begin anew at some point: a child's may be the smaller one.
    expect(new Set(findByVariable("LAB_TEST_MARK", "/a b").map(({ pid }) => pid))).toEqual(new Set(pids));
    expect(findByVariable("LAB_TEST_MARK", "/a")).toEqual([]);
    expect(await endByVariable("LAB_TEST_MARK", "/a b", systemClock, 5000)).toEqual({ ended: 2, left: [] });
    expect(pids.map((pid) => isRunning(pid ?? 0))).toEqual([false, false]);
    expect(await endByVariable("LAB_TEST_MARK", "/a b", systemClock, 5000)).toEqual({ ended: 0, left: [] });
  });

  it("that are gone may be killed again", async () => {
    const child = spawn("true");
    await once(child, "exit");
    expect(() => kill(child.pid ?? 0)).not.toThrow();
  });
});
