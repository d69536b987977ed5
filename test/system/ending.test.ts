import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makePlace } from "../fakes/place.ts";
import { isRunning, until } from "../fakes/processes.ts";

const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).pathname);

/** Runs a program of its own that starts `hold.sh` and then does `end`; the pid of what that has started is in `file`. */
function runAndEnd(start: string, end: string, file: string) {
  const script = `
    import { localExec } from ${url("../../src/system/exec.ts")};
    const argv = [${url("../fixtures/hold.sh")}, ${JSON.stringify(file)}];
    process.on("uncaughtException", () => process.exit(1));
    const finish = () => setImmediate(() => { ${end} });
    ${start}`;
  const argv = ["--import", "tsx", "--input-type=module", "--eval", script];
  const { status, signal, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8", timeout: 10_000 });
  return { how: signal ?? status, stderr };
}

const run = "void localExec.try(argv, { onLine: finish });";
const stream = 'localExec.duplex(argv).on("data", finish);';

describe("the end of the program", () => {
  it.each([
    ["process.exit(130)", 130, run],
    ["throw new Error('a bug')", 1, run],
    ["process.kill(process.pid, 'SIGKILL')", "SIGKILL", run],
    ["process.kill(process.pid, 'SIGKILL')", "SIGKILL", stream],
  ])("by %s takes the commands that still run with it, and what they have started", async (end, how, start) => {
    const file = join(makePlace(), "pid");
    expect(runAndEnd(start, end, file)).toEqual({ how, stderr: "" });
    await until(() => !isRunning(Number(readFileSync(file, "utf8"))));
  });

  it("does not reach commands that have ended, nor who has their number by then", async () => {
    const file = join(makePlace(), "pid");
    // Its leader has ended and is no longer ours; what it left behind in its group is nobody's business.
    const left = `await localExec.try(["sh", "-c", 'sleep 30 >/dev/null 2>&1 & echo $! >"$1"', "sh", argv[1]]); finish();`;
    expect(runAndEnd(left, "process.kill(process.pid, 'SIGKILL')", file)).toEqual({ how: "SIGKILL", stderr: "" });
    const pid = Number(readFileSync(file, "utf8"));
    expect(isRunning(pid)).toBe(true);
    process.kill(pid, "SIGKILL");
  });
});
