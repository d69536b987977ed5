import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { localExec, type RunOptions } from "../../src/system/exec.ts";
import { makePlace } from "../fakes/place.ts";
import { isRunning, onLinux, until } from "../fakes/processes.ts";

const fixture = (name: string) => new URL(`../fixtures/${name}`, import.meta.url).pathname;
const pidIn = (file: string) => Number(readFileSync(file, "utf8"));

const failing = () => {
  throw new TypeError("a bug");
};

describe("a command that runs to its end", () => {
  it("gives what it wrote on each stream, to the byte, and its exit code", async () => {
    const result = await localExec.try([fixture("speak.sh"), "3"]);
    expect(result).toMatchObject({ exitCode: 3, stdout: "one\ntwo", stderr: "oops\n" });
    expect(result.failure).toBe("failed with exit code 3");
  });

  it("throws from `run` with its arguments, why, and the tail of stderr", async () => {
    const argv = [fixture("speak.sh"), "3"];
    await expect(localExec.run(argv)).rejects.toMatchObject({
      code: "E_COMMAND",
      status: 3,
      message: `${argv.join(" ")}: failed with exit code 3\n    oops`,
    });
  });

  it.each([
    ["words with spaces", "a b"],
    ["what a shell would expand", "$HOME;ls `id` $(id) * ~"],
    ["nothing", ""],
    ["quotes and line ends", `'"\\\n`],
    ["an option", "--help"],
    ["letters of all kinds", "é漢🦊"],
  ])("gets %s as they are", async (_, word) => {
    const { stdout } = await localExec.run([fixture("argv.mjs"), word, "end"]);
    expect(stdout).toBe(`${word}\0end\0`);
  });

  it("reads text or bytes from its standard input, and nothing where there is none", async () => {
    const text = "x".repeat(300_000);
    expect((await localExec.run([fixture("echo.sh")], { input: text })).stdout).toBe(text);
    expect((await localExec.run([fixture("echo.sh")], { input: new Uint8Array([104, 105]) })).stdout).toBe("hi");
    expect((await localExec.run([fixture("echo.sh")])).stdout).toBe("");
  });

  it("need not read its input", async () => {
    const result = await localExec.try(["true"], { input: "x".repeat(300_000) });
    expect(result.failure).toBeUndefined();
  });

  it("hands over each line as it comes and still has them all in the end", async () => {
    const lines: string[] = [];
    const onLine: RunOptions["onLine"] = (line, stream) => lines.push(`${stream}: ${line}`);
    const { stdout, stderr, failure } = await localExec.try([fixture("speak.sh"), "7"], { onLine });
    expect(lines.toSorted()).toEqual(["stderr: oops", "stdout: one", "stdout: two"]);
    expect({ stdout, stderr, failure }).toEqual({
      stdout: "one\ntwo",
      stderr: "oops\n",
      failure: "failed with exit code 7",
    });
  });

  it("lets a bug in who listens to its lines surface, once it has ended", async () => {
    await expect(localExec.try([fixture("speak.sh"), "0"], { onLine: failing })).rejects.toThrow("a bug");
  });

  it("is told apart: killed by a signal", async () => {
    const result = await localExec.try(["sh", "-c", "kill -KILL $$"]);
    expect(result).toMatchObject({ exitCode: undefined, failure: "was ended by SIGKILL" });
  });

  it.each([[undefined], [() => undefined]])("is told apart: missing, whoever listens", async (onLine) => {
    const result = await localExec.try(["/no/such/program"], onLine === undefined ? {} : { onLine });
    expect(result).toMatchObject({ exitCode: undefined, failure: "no such program on this machine" });
  });

  it("is told apart: not executable", async () => {
    const file = join(makePlace(), "plain");
    writeFileSync(file, "");
    expect((await localExec.try([file])).failure).toBe("may not be executed");
  });

  it("speaks English, with the variables it was given", async () => {
    const { stdout } = await localExec.run(["sh", "-c", 'echo "$LC_ALL $LAB_X"'], { env: { LAB_X: "y" } });
    expect(stdout).toBe("C y\n");
  });
});

describe("a command that does not end", () => {
  it.each([
    ["while its child holds the pipe", "hold.sh", ""],
    ...(onLinux
      ? [
          ["while a child in another session holds the pipe", "hold.sh", "setsid"],
          ["but only left its pipe to a child", "leave.sh", ""],
        ]
      : []),
  ])("is reported in time %s", async (_, name, how) => {
    const file = join(makePlace(), "pid");
    const start = Date.now();
    const result = await localExec.try([fixture(name), file, how], { timeoutMs: 250 });
    expect(Date.now() - start).toBeLessThan(1800);
    expect(result).toMatchObject({ failure: "took too long", stdout: "begun\n" });
    const inGroup = name === "hold.sh" && how === "";
    if (inGroup) await until(() => !isRunning(pidIn(file)));
    else process.kill(pidIn(file), "SIGKILL");
  });

  it("is reported in time to who listens to its lines", async () => {
    const lines: string[] = [];
    const options = { timeoutMs: 250, onLine: (line: string) => lines.push(line) };
    const result = await localExec.try([fixture("hold.sh"), join(makePlace(), "pid")], options);
    expect(result.failure).toBe("took too long");
    expect(lines).toEqual(["begun"]);
  });

  it("is ended with all of its group when it is interrupted", async () => {
    const file = join(makePlace(), "pid");
    const interrupt = new AbortController();
    const options = { signal: interrupt.signal, onLine: () => interrupt.abort() };
    const result = await localExec.try([fixture("hold.sh"), file], options);
    expect(result.failure).toBe("was interrupted");
    await until(() => !isRunning(pidIn(file)));
  });

  it("is killed when it does not listen", async () => {
    const interrupt = new AbortController();
    const options = { signal: interrupt.signal, onLine: () => interrupt.abort() };
    const result = await localExec.try([fixture("stubborn.sh")], options);
    expect(result).toMatchObject({ exitCode: undefined, failure: "was interrupted" });
  });

  it("is not even started after an interruption", async () => {
    const file = join(makePlace(), "made");
    const result = await localExec.try(["touch", file], { signal: AbortSignal.abort() });
    expect(result.failure).toBe("was interrupted");
    expect(() => readFileSync(file)).toThrow("ENOENT");
  });
});

describe("a program with the terminal", () => {
  it("gives its exit code", async () => {
    expect(await localExec.interact(["sh", "-c", "exit 7"])).toBe(7);
  });

  it("that is missing is an error", async () => {
    await expect(localExec.interact(["/no/such/program"])).rejects.toThrow("no such program on this machine");
  });
});
