import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { takeLock } from "../../src/system/lock.ts";
import { identify } from "../../src/system/processes.ts";
import { lockHolder } from "../fakes/lock.ts";
import { makePlace } from "../fakes/place.ts";
import { isRunning, onLinux } from "../fakes/processes.ts";

const since = "2026-01-01T00:00:00.000Z";
const lockIn = (place: string) => join(place, "duo.lock");

function write(path: string, holder: unknown): void {
  writeFileSync(path, JSON.stringify(holder));
}

describe("a lock", () => {
  it("is taken, says who holds it, and is gone once released", () => {
    const path = lockIn(makePlace());
    const lock = takeLock(path, "lab up", since);
    expect(lock.taken).toBe(true);
    expect(lockHolder(path)).toEqual({ ...identify(process.pid), doing: "lab up", since });
    if (lock.taken) lock.release();
    expect(readdirSync(join(path, ".."))).toEqual([]);
    expect(lockHolder(path)).toBeUndefined();
  });

  it("may be read by its owner alone", () => {
    const path = lockIn(makePlace());
    takeLock(path, "lab up", since);
    expect(readFileSync(path, "utf8")).not.toContain("\n");
    expect((existsSync(path) && readdirSync(join(path, ".."))) || []).toEqual(["duo.lock"]);
  });

  it("is refused with its holder while another process lives that has it", () => {
    const path = lockIn(makePlace());
    const child = spawn("sleep", ["30"]);
    const holder = { ...identify(child.pid ?? 0), doing: "lab down", since };
    write(path, holder);
    expect(takeLock(path, "lab up", since)).toEqual({ taken: false, holder });
    child.kill("SIGKILL");
  });

  it("is taken over from a process that has died", async () => {
    const path = lockIn(makePlace());
    const child = spawn("sleep", ["30"]);
    write(path, { ...identify(child.pid ?? 0), doing: "lab up", since });
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(takeLock(path, "lab up", since).taken).toBe(true);
    expect(readdirSync(join(path, ".."))).toEqual(["duo.lock"]);
  });

  it.each([
    ["whose pid another process has by now", { pid: process.pid, startTime: "1", doing: "lab up", since }],
    ["of a process that nobody knows", { pid: 2 ** 22 + 1, startTime: "5", doing: "lab up", since }],
    ["that holds nonsense", { who: "me" }],
    ["that is nothing", null],
  ])("is taken over from a file %s", (_, holder) => {
    const path = lockIn(makePlace());
    write(path, holder);
    expect(takeLock(path, "lab up", since).taken).toBe(true);
  });

  it("is taken over although somebody died while taking it over", () => {
    const path = lockIn(makePlace());
    const dead = { pid: 2 ** 22 + 1, startTime: "5", doing: "lab up", since };
    write(path, dead);
    write(`${path}.takeover`, dead);
    expect(takeLock(path, "lab up", since).taken).toBe(true);
    expect(readdirSync(join(path, ".."))).toEqual(["duo.lock"]);
  });

  it("takes away the draft of a run that was killed while taking it, and no other", () => {
    const path = lockIn(makePlace());
    const draft = (digit: string) => `${path}.${digit.repeat(8)}-0000-0000-0000-000000000000`;
    write(draft("1"), { pid: 2 ** 22 + 1, startTime: "5", doing: "lab down", since });
    write(draft("2"), { ...identify(process.pid), doing: "lab up", since });
    writeFileSync(draft("3"), "");
    expect(takeLock(path, "lab up", since).taken).toBe(true);
    expect([1, 2, 3].map((digit) => existsSync(draft(String(digit))))).toEqual([false, true, true]);
  });

  it("that another run has taken over meanwhile is not released by us", () => {
    const path = lockIn(makePlace());
    const lock = takeLock(path, "lab up", since);
    const other = { pid: 1, startTime: identify(1)?.startTime, doing: "lab up", since };
    write(path, other);
    if (lock.taken) lock.release();
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(other);
  });

  it("is held by one at a time, however many take it over from the dead", async () => {
    const path = lockIn(makePlace());
    const racer = new URL("../fixtures/racer.ts", import.meta.url).pathname;
    // Without /proc each look at the holder is a process.
    const rounds = onLinux ? "150" : "5";
    const racers = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ["--import", "tsx", racer, path, rounds], { stdio: ["ignore", "pipe", "inherit"] }),
    );
    const counts = await Promise.all(
      racers.map(async (child) => {
        const [[line]] = await Promise.all([once(child.stdout, "data"), once(child, "exit")]);
        return JSON.parse(String(line)) as { taken: number; shared: number };
      }),
    );
    expect(counts.map(({ shared }) => shared)).toEqual([0, 0, 0, 0]);
    expect(counts.reduce((sum, { taken }) => sum + taken, 0)).toBeGreaterThan(0);
    expect(racers.some(({ pid }) => isRunning(pid ?? 0))).toBe(false);
  });
});
