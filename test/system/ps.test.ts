import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { pidsWith, startOf } from "../../src/system/ps.ts";
import { until } from "../fakes/processes.ts";

const us = process.getuid?.() ?? 0;

/** Tools of base systems only, with a variable that no other test has. */
async function start(value: string) {
  const child = spawn("sleep", ["31.5"], { env: { ...process.env, LAB_PS_MARK: value }, stdio: "ignore" });
  await once(child, "spawn");
  return { child, pid: child.pid ?? 0 };
}

const commandOf = (pid: number) =>
  spawnSync("ps", ["-o", "comm=", "-p", String(pid)], { encoding: "utf8" }).stdout.trim();

describe("ps", () => {
  it("tells when a process was started, in words that do not depend on the time zone, until it has ended", async () => {
    const { child, pid } = await start("one");
    const started = startOf(pid);
    expect(started).toMatch(/^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/);
    expect(startOf(pid)).toBe(started);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(startOf(pid)).toBeUndefined();
  });

  it("does not count one that has ended and waits for its parent", async () => {
    const script = "exec 3<&0; { read -r line <&3; } & echo $!; exec sleep 30";
    const parent = spawn("sh", ["-c", script], { stdio: ["pipe", "pipe", "ignore"] });
    const [text] = (await once(parent.stdout, "data")) as [Buffer];
    const child = Number(text.toString());
    // A shell would bury its child, sleep does not.
    await until(() => commandOf(parent.pid ?? 0) === "sleep");
    expect(startOf(child)).not.toBeUndefined();
    parent.stdin.end("\n");
    await until(() => startOf(child) === undefined);
    expect(() => process.kill(child, 0)).not.toThrow();
    parent.kill("SIGKILL");
  });

  it("finds processes of a user by a variable that they were started with, and its whole value", async () => {
    // What an earlier run of this test may have left is none of it.
    const value = `/a b/${process.pid}`;
    const { child, pid } = await start(value);
    expect(pidsWith("LAB_PS_MARK", value, us)).toEqual([pid]);
    expect(pidsWith("LAB_PS_MARK", value, us + 1)).toEqual([]);
    expect(pidsWith("LAB_PS_MARK", "/", us)).toEqual([]);
    expect(pidsWith("AB_PS_MARK", value, us)).toEqual([]);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(pidsWith("LAB_PS_MARK", value, us)).toEqual([]);
  });
});
