import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { identify } from "../../src/system/processes.ts";

const guard = new URL("../../images/embedded/guard.sh", import.meta.url).pathname;
const us = identify(process.pid);

function run(pid: number, startTime: string) {
  const argv = [guard, String(pid), startTime, "printf", "%s", "a b"];
  const { status, stdout, stderr } = spawnSync("sh", argv, { encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("the guard before a kept pid", () => {
  it("lets the command run while it is the same process", () => {
    expect(run(process.pid, us?.startTime ?? "")).toEqual({ status: 0, stdout: "a b", stderr: "" });
  });

  it.each([
    ["another process has it by now", process.pid, "1"],
    ["nobody has it", 2 ** 22 + 1, us?.startTime ?? ""],
  ])("refuses when %s", (_, pid, startTime) => {
    expect(run(pid, startTime)).toEqual({
      status: 255,
      stdout: "",
      stderr: "the lab does not run any more: lab up\n",
    });
  });
});
