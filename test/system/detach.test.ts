import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { localExec } from "../../src/system/exec.ts";
import { makePlace } from "../fakes/place.ts";
import { isRunning, onLinux, until } from "../fakes/processes.ts";

const ready = new URL("../fixtures/ready.sh", import.meta.url).pathname;
const logIn = (place: string) => join(place, "the log");
const countFiles = () => readdirSync("/proc/self/fd").length;

describe("a process that is detached", () => {
  it.runIf(onLinux)("is there once its first line is, leads a session, and logs to its file", async () => {
    const log = logIn(makePlace());
    const { pid, line } = await localExec.detach([ready, "up"], { log, timeoutMs: 5000 });
    const [, , , , , session] = readFileSync(`/proc/${pid}/stat`, "utf8").split(" ");
    expect({ line, session: Number(session), runs: isRunning(pid) }).toEqual({
      line: "ready",
      session: pid,
      runs: true,
    });
    expect(readFileSync(log, "utf8")).toBe(`log of ${pid}\n`);
    process.kill(pid, "SIGKILL");
  });

  it.runIf(onLinux)("leaves no open file and no zombie behind", async () => {
    const log = logIn(makePlace());
    const before = countFiles();
    const { pid } = await localExec.detach([ready, "up"], { log, timeoutMs: 5000 });
    await until(() => countFiles() <= before);
    process.kill(pid, "SIGKILL");
    await until(() => !readdirSync("/proc").includes(String(pid)));
    expect(countFiles()).toBeLessThanOrEqual(before);
  });

  it.each([
    ["dies", "did not come up", "cannot bind"],
    ["closes its output without a word", "did not come up", "log of"],
    ["keeps silent", "did not come up in 0.3 s", "log of"],
  ])("is an error with the tail of its own log when it %s, and is gone", async (how, why, said) => {
    const log = logIn(makePlace());
    writeFileSync(log, "of an earlier run\n");
    const word = { dies: "die", "keeps silent": "silent" }[how] ?? "mute";
    const failing = localExec.detach([ready, word], { log, timeoutMs: 300 });
    await expect(failing).rejects.toThrow(`${ready} ${word}: ${why}\n    log of`);
    await expect(failing).rejects.toThrow(said);
    await expect(failing).rejects.not.toThrow("earlier");
    const pid = Number(/log of (\d+)/.exec(readFileSync(log, "utf8"))?.[1]);
    await until(() => !isRunning(pid));
  });

  it("is an error that names a program that is missing", async () => {
    const failing = localExec.detach(["/no/such/program"], { log: logIn(makePlace()), timeoutMs: 300 });
    await expect(failing).rejects.toThrow("/no/such/program: no such program on this machine");
  });

  it("outlives the program that started it, which need not wait for it", () => {
    const log = logIn(makePlace());
    const module = new URL("../../src/system/detach.ts", import.meta.url).pathname;
    const script = `
      import { detachProcess } from ${JSON.stringify(module)};
      const { pid } = await detachProcess([${JSON.stringify(ready)}, "up"], { log: ${JSON.stringify(log)}, timeoutMs: 5000 });
      process.stdout.write(String(pid));`;
    const argv = ["--import", "tsx", "--input-type=module", "--eval", script];
    const { stdout, stderr, status } = spawnSync(process.execPath, argv, { encoding: "utf8", timeout: 10_000 });
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(isRunning(Number(stdout))).toBe(true);
    process.kill(Number(stdout), "SIGKILL");
  });
});
