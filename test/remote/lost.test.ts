import { afterEach, describe, expect, it, vi } from "vitest";
import { until } from "../fakes/processes.ts";
import { fakeNode, login } from "../fakes/ssh-server.ts";

afterEach(() => {
  vi.useRealTimers();
});

describe("a connection that is lost", () => {
  it("ends every command that waits, each by its name, and refuses those that follow", async () => {
    const node = fakeNode({ script: () => "hangs" });
    const session = await login(node);
    const waiting = [
      session.try(["sleep", "1"]),
      session.run(["sleep", "2"]),
      session.batch([["sleep", "3"], ["true"]]),
    ];
    await until(() => node.commands.length === 3);
    expect(session.isOpen()).toBe(true);
    node.cut();
    const outcomes = await Promise.allSettled([...waiting, session.choose([{ whether: ["true"] }])]);
    expect(session.isOpen()).toBe(false);
    outcomes.push(
      ...(await Promise.allSettled([
        session.try(["id"]),
        session.batch([["date"]]),
        session.choose([{ whether: ["ls"] }]),
      ])),
    );
    expect(outcomes).toMatchObject(
      ["sleep 1", "sleep 2", "sleep 3 true", "true", "id", "date", "ls"].map((command) => ({
        reason: { code: "E_CONNECTION_LOST", node: "leaf01", message: `leaf01: connection lost during: ${command}` },
      })),
    );
  });

  it("is told from the end of a command by the exit code, which is missing", async () => {
    const session = await login(fakeNode({ script: () => ({ stdout: "half of it" }) }));
    await expect(session.try(["cat", "file"])).rejects.toMatchObject({ code: "E_CONNECTION_LOST" });
  });

  it("is noticed although the node only falls silent", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const node = fakeNode({ script: () => "hangs" });
    const session = await login(node);
    const result = session.try(["sleep", "1"], { timeoutMs: 1e9 });
    await until(() => node.commands.length === 1);
    node.freeze();
    // As long as TCP takes to get through again where routers have lost a session.
    vi.advanceTimersByTime(40_000);
    expect(session.isOpen()).toBe(true);
    vi.advanceTimersByTime(5_000);
    await expect(result).rejects.toMatchObject({ code: "E_CONNECTION_LOST" });
    expect(session.isOpen()).toBe(false);
  });

  it("by our own wish ends once the node has let go", async () => {
    const session = await login(fakeNode());
    session.close();
    await until(() => !session.isOpen());
    await expect(session.run(["true"])).rejects.toMatchObject({ code: "E_CONNECTION_LOST" });
  });
});
