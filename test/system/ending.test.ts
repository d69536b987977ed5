import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makePlace } from "../fakes/place.ts";
import { isRunning, until } from "../fakes/processes.ts";

const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).pathname);

describe("the end of the program", () => {
  it.each([
    ["process.exit(130)", 130],
    ["throw new Error('a bug')", 1],
  ])("by %s takes the commands that still run with it, and what they have started", async (end, code) => {
    const file = join(makePlace(), "pid");
    const script = `
      import { localExec } from ${url("../../src/system/exec.ts")};
      process.on("uncaughtException", () => process.exit(1));
      void localExec.try([${url("../fixtures/hold.sh")}, ${JSON.stringify(file)}], { onLine() { setImmediate(() => { ${end} }); } });`;
    const argv = ["--import", "tsx", "--input-type=module", "--eval", script];
    const { status, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8", timeout: 10_000 });
    expect({ status, stderr }).toEqual({ status: code, stderr: "" });
    await until(() => !isRunning(Number(readFileSync(file, "utf8"))));
  });
});
