import { afterEach, describe, expect, it, vi } from "vitest";
import { isRunning, until } from "../fakes/processes.ts";
import { fakeNode, login } from "../fakes/ssh-server.ts";

afterEach(() => {
  vi.useRealTimers();
});

describe("a command on a node", () => {
  it("gives what it wrote on each stream, to the byte, and its exit code", async () => {
    const session = await login(fakeNode());
    const script = "printf 'one\\n'; printf oops >&2; printf two; exit 3";
    expect(await session.try(["sh", "-c", script])).toEqual({
      argv: ["sh", "-c", script],
      exitCode: 3,
      stdout: "one\ntwo",
      stderr: "oops",
    });
  });

  it("gets its words as they are", async () => {
    const session = await login(fakeNode());
    const words = ["a b", "$HOME;ls `id` $(id) * ~", "", `'"\\\n`, "--help", "é漢🦊"];
    expect((await session.run(["printf", "<%s>", ...words])).stdout).toBe(words.map((word) => `<${word}>`).join(""));
  });

  it("may not have a NUL byte in its words", async () => {
    const node = fakeNode();
    const session = await login(node);
    await expect(async () => session.try(["echo", "a\0b"])).rejects.toThrow(RangeError);
    expect(node.commands).toEqual([]);
  });

  it("reads its standard input to the end, or need not, or finds it empty", async () => {
    const session = await login(fakeNode());
    const input = "é漢🦊".repeat(100_000);
    expect((await session.run(["cat"], { input })).stdout === input).toBe(true);
    expect((await session.run(["sh", "-c", "cat >&2"], { input })).stderr === input).toBe(true);
    expect((await session.run(["true"], { input: "x".repeat(5_000_000) })).stdout).toBe("");
    expect((await session.run(["cat"])).stdout).toBe("");
  });

  it("runs beside many others over the same connection", async () => {
    const node = fakeNode();
    const session = await login(node);
    const numbers = Array.from({ length: 40 }, (_, index) => index);
    const results = await Promise.all(
      numbers.map((number) => session.try(["sh", "-c", `echo ${number}; exit $0`, String(number)])),
    );
    expect(results.map(({ exitCode }) => exitCode)).toEqual(numbers);
    expect(results.map(({ stdout }) => stdout)).toEqual(numbers.map((number) => `${number}\n`));
    expect(node.connections).toBe(1);
  });
});

describe("a command that fails", () => {
  it("is an error of `run` with node, command, exit code and the last lines of stderr", async () => {
    const session = await login(fakeNode({ name: "spine02" }));
    const script = "seq 1 12 >&2; echo said; exit 7";
    await expect(session.run(["sh", "-c", script])).rejects.toMatchObject({
      code: "E_REMOTE_COMMAND",
      exitCode: 4,
      node: "spine02",
      message: `spine02: sh -c ${script}: exit code 7\n${[5, 6, 7, 8, 9, 10, 11, 12].map((line) => `    ${line}`).join("\n")}`,
      hint: "lab ssh spine02",
    });
  });

  it("is quoted by what it printed where stderr is empty, and by nothing where both are", async () => {
    const session = await login(fakeNode());
    await expect(session.run(["sh", "-c", "echo said; echo >&2; exit 1"])).rejects.toThrow(/exit code 1\n {4}said$/);
    await expect(session.run(["false"])).rejects.toThrow(/^leaf01: false: exit code 1$/);
  });

  it("is told apart where a signal ended it", async () => {
    const session = await login(fakeNode({ script: () => ({ signal: "KILL", stderr: "out of memory\n" }) }));
    expect(await session.try(["bgpd"])).toMatchObject({ exitCode: undefined, stderr: "out of memory\n" });
    const message = "leaf01: bgpd: exit code none, ended by a signal\n    out of memory";
    await expect(session.run(["bgpd"])).rejects.toMatchObject({ code: "E_REMOTE_COMMAND", message });
  });
});

describe("a command that does not end", () => {
  it.each([
    [60, "where nothing else is said", {}],
    [1.5, "as it was told", { timeoutMs: 1500 }],
  ])("fails after %s s, %s, with exit code 5, and is gone from the node", async (limitS, _, options) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const node = fakeNode();
    const session = await login(node);
    const result = session.try(["sh", "-c", "echo $$ >new; mv new pid; exec sleep 99"], options);
    await until(() => node.list("/").includes("pid"));
    const pid = Number(node.read("/pid"));
    vi.advanceTimersByTime(limitS * 1000);
    await expect(result).rejects.toMatchObject({
      code: "E_TIMEOUT",
      exitCode: 5,
      message: expect.stringContaining(`leaf01: no end after ${limitS} s: sh -c echo`) as string,
    });
    await until(() => !isRunning(pid));
    expect((await session.run(["echo", "on"])).stdout).toBe("on\n");
  });

  it("fails in time although the node did not even start it", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const node = fakeNode();
    const session = await login(node);
    node.freeze();
    const result = session.try(["true"], { timeoutMs: 1000 });
    vi.advanceTimersByTime(1000);
    await expect(result).rejects.toMatchObject({ code: "E_TIMEOUT" });
  });
});
