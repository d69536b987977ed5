import { describe, expect, it } from "vitest";
import { until } from "../fakes/processes.ts";
import { fakeNode, login } from "../fakes/ssh-server.ts";

const sh = (script: string) => ["sh", "-c", script];

describe("a batch", () => {
  it("runs one command after the other over one channel, whatever becomes of each", async () => {
    const node = fakeNode();
    const session = await login(node);
    const commands = [
      sh("printf one"),
      sh("echo two; echo oops >&2; exit 7"),
      ["/no/such/program"],
      ["cat"],
      ["echo", "$HOME"],
    ];
    const results = await session.batch(commands);
    expect(results.map(({ argv }) => argv)).toEqual(commands);
    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 7, 127, 0, 0]);
    expect(results.map(({ stdout }) => stdout)).toEqual(["one", "two\n", "", "", "$HOME\n"]);
    expect(results.map(({ stderr }) => stderr)).toMatchObject([
      "",
      "oops\n",
      expect.stringContaining("not found"),
      "",
      "",
    ]);
    expect(node.commands).toHaveLength(1);
  });

  it("lets no command read what is meant for nobody", async () => {
    const session = await login(fakeNode());
    const results = await session.batch([["cat"], ["cat"]], { input: "text" });
    expect(results.map(({ stdout }) => stdout)).toEqual(["", ""]);
  });

  it("of no commands asks nothing", async () => {
    const node = fakeNode();
    const session = await login(node);
    expect([await session.batch([]), await session.choose([])]).toEqual([[], []]);
    expect(node.commands).toEqual([]);
  });

  it("that ends before its last command names the first that did not end", async () => {
    const session = await login(fakeNode());
    const result = session.batch([["true"], sh("kill -KILL $PPID"), ["true"]]);
    const message = "leaf01: connection lost during: sh -c kill -KILL $PPID";
    await expect(result).rejects.toMatchObject({ code: "E_CONNECTION_LOST", message });
  });

  it("has one deadline for all its commands and names them all", async () => {
    const session = await login(fakeNode());
    const result = session.batch([["true"], ["sleep", "9"], ["date"]], { timeoutMs: 50 });
    const message = "leaf01: no end after 0.05 s: true sleep 9 date";
    await expect(result).rejects.toMatchObject({ code: "E_TIMEOUT", message });
  });
});

describe("choices", () => {
  it("run what the node is like, tell which, and take one round trip", async () => {
    const node = fakeNode();
    const session = await login(node);
    const results = await session.choose([
      { whether: sh("echo noise; true"), ifSo: ["echo", "it is"], ifNot: ["echo", "it is not"] },
      { whether: sh("echo noise >&2; false"), ifSo: ["echo", "it is"], ifNot: sh("echo yes; echo why >&2") },
      { whether: ["true"], ifNot: ["echo", "never"] },
      { whether: ["/no/such/program"], ifSo: ["echo", "never"] },
    ]);
    expect(results).toEqual([
      { holds: true, argv: ["echo", "it is"], exitCode: 0, stdout: "it is\n", stderr: "" },
      { holds: false, argv: sh("echo yes; echo why >&2"), exitCode: 0, stdout: "yes\n", stderr: "why\n" },
      { holds: true, argv: ["true"], exitCode: 0, stdout: "", stderr: "" },
      { holds: false, argv: ["/no/such/program"], exitCode: 0, stdout: "", stderr: "" },
    ]);
    expect(node.commands).toHaveLength(1);
  });

  it("are all made, and each that failed is named with what it said", async () => {
    const node = fakeNode();
    const session = await login(node);
    const result = session.choose([
      { whether: ["true"], ifSo: sh("echo line 3: no such command >&2; exit 1") },
      { whether: ["true"], ifSo: ["true"] },
      { whether: ["false"], ifNot: sh("echo port 80 is taken; exit 4") },
      { whether: ["false"], ifNot: ["touch", "made"] },
    ]);
    await expect(result).rejects.toMatchObject({
      code: "E_REMOTE_COMMAND",
      exitCode: 4,
      hint: "lab ssh leaf01",
      message: [
        "leaf01: sh -c echo line 3: no such command >&2; exit 1: exit code 1",
        "    line 3: no such command",
        "leaf01: sh -c echo port 80 is taken; exit 4: exit code 4",
        "    port 80 is taken",
      ].join("\n"),
    });
    expect(node.read("/made")).toBe("");
  });

  it("of which one failed are that one's error", async () => {
    const session = await login(fakeNode());
    const result = session.choose([{ whether: ["true"], ifSo: ["false"] }, { whether: ["true"] }]);
    await expect(result).rejects.toMatchObject({ node: "leaf01", message: "leaf01: false: exit code 1" });
  });

  it("that the end of the connection cuts short name the condition", async () => {
    const node = fakeNode({ script: () => "hangs" });
    const session = await login(node);
    const result = session.choose([{ whether: ["frr", "running"], ifNot: ["frr", "start"] }]);
    await until(() => node.commands.length === 1);
    node.cut();
    await expect(result).rejects.toThrow("leaf01: connection lost during: frr running");
  });
});
