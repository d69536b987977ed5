import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { endSandbox, findSandbox, resolvePid, sandboxPid } from "../../src/drivers/netns/sandbox.ts";
import { identify } from "../../src/system/processes.ts";
import { systemClock } from "../../src/system/clock.ts";
import { fakeClock } from "../fakes/clock.ts";
import { isRunning, until } from "../fakes/processes.ts";

const mark = `lab-sandbox:/tmp/lab unit/${process.pid}`;
const started: ChildProcess[] = [];

/** A process that looks like the outer one of a sandbox, or like something else; its child is a sleeper. */
async function start(words: readonly string[], argv0 = "unshare"): Promise<{ outer: number; inner: number }> {
  const child = spawn("sh", ["-c", "sleep 30 & echo $!; wait", ...words], {
    argv0,
    stdio: ["ignore", "pipe", "ignore"],
  });
  started.push(child);
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { outer: child.pid ?? 0, inner: Number(line.toString()) };
}

afterEach(async () => {
  await endSandbox(mark, systemClock, 1000);
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

const words = ["--net", "--kill-child", "/lab/assets/sandbox.sh", "/image", "/overlay", "/at", mark];

describe("a sandbox", () => {
  it("is found by its mark, as the child of its outer process", async () => {
    expect(findSandbox(mark)).toBeUndefined();
    const { inner } = await start(words);
    expect(findSandbox(mark)).toBe(inner);
    expect(findSandbox(`${mark}2`)).toBeUndefined();
  });

  it("is ended whole, and counted once", async () => {
    const { outer, inner } = await start(words);
    expect(await endSandbox(mark, systemClock, 5000)).toEqual({ ended: 1, left: [] });
    await until(() => !isRunning(outer) && !isRunning(inner));
    expect(await endSandbox(mark, systemClock, 5000)).toEqual({ ended: 0, left: [] });
  });

  it("is not an editor, a pager or a search that has the mark among its words", async () => {
    const { outer } = await start(["vim", mark], "vim");
    const { outer: other } = await start([...words, "| less"], "less");
    expect(findSandbox(mark)).toBeUndefined();
    expect((await endSandbox(mark, fakeClock(), 10)).ended).toBe(0);
    expect([outer, other].map(isRunning)).toEqual([true, true]);
    for (const pid of [outer, other]) process.kill(pid, "SIGKILL");
  });

  it("that still makes its root is found, and ended with what makes it", async () => {
    const { outer } = await start(words, "sh");
    expect(findSandbox(mark)).toBeUndefined();
    expect(await endSandbox(mark, systemClock, 5000)).toEqual({ ended: 1, left: [] });
    expect(isRunning(outer)).toBe(false);
  });

  it.runIf(process.getuid?.() === 0)("of another user is never entered", async () => {
    const child = spawn("sh", ["-c", "sleep 30 & echo $!; wait", ...words], {
      argv0: "unshare",
      uid: 65_534,
      stdio: ["ignore", "pipe", "ignore"],
    });
    started.push(child);
    await once(child.stdout, "data");
    expect(findSandbox(mark)).toBeUndefined();
    expect(identify(child.pid ?? 0)).toBeDefined();
  });
});

describe("the pid that stands for the sandbox", () => {
  it("is put in where it is a word of its own, and nowhere else", () => {
    expect(resolvePid(["nsenter", "--target", sandboxPid, `x${sandboxPid}`], 42)).toEqual([
      "nsenter",
      "--target",
      "42",
      `x${sandboxPid}`,
    ]);
  });
});
