import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import type { Client, ClientChannel } from "ssh2";
import { describe, expect, it, vi } from "vitest";
import { execute } from "../../src/remote/command.ts";

/** A connection whose commands announce group 42 and run until somebody kills it; `onKill` is what it then does. */
function fakeClient(onKill: (running: ClientChannel) => void) {
  const lines: string[] = [];
  let running: ClientChannel;
  const client = Object.assign(new EventEmitter(), {
    exec(line: string, done: (error: Error | undefined, channel: ClientChannel) => void) {
      lines.push(line);
      const stderr = new PassThrough();
      const channel = Object.assign(new PassThrough({ autoDestroy: false }), {
        stderr,
        close: () => channel.emit("close"),
      });
      done(undefined, channel as unknown as ClientChannel);
      if (line.startsWith("kill ")) {
        onKill(running);
        return;
      }
      running = channel as unknown as ClientChannel;
      stderr.emit("data", "42\nPING\n");
    },
  });
  return { client: client as unknown as Client, lines };
}

const ping = (client: Client, signal: AbortSignal) => execute("leaf01", client, ["ping", "a b"], { signal });

describe("a command that may be interrupted", () => {
  it("gets the signal in its whole group, and what it then says is its result", async () => {
    const { client, lines } = fakeClient((running) => {
      running.stderr.emit("data", "3 packets\n");
      running.emit("exit", 130);
      running.emit("close");
    });
    const interruption = new AbortController();
    const result = ping(client, interruption.signal);
    interruption.abort();
    expect(await result).toMatchObject({ exitCode: 130, stderr: "PING\n3 packets\n" });
    expect(lines).toEqual([`echo "$$" >&2; ping 'a b'`, "kill -INT -42"]);
    expect(client.listenerCount("close")).toBe(0);
  });

  it("is left alone when it does not end, and said to go on", async () => {
    vi.useFakeTimers();
    const { client } = fakeClient(() => undefined);
    const interruption = new AbortController();
    const result = ping(client, interruption.signal);
    interruption.abort();
    vi.runAllTimers();
    vi.useRealTimers();
    await expect(result).rejects.toMatchObject({ code: "E_INTERRUPTED", exitCode: 130, hint: "lab ssh leaf01" });
  });

  it("says nothing of its group otherwise", async () => {
    const { client } = fakeClient(() => undefined);
    const result = ping(client, new AbortController().signal);
    client.emit("close");
    await expect(result).rejects.toMatchObject({ code: "E_CONNECTION_LOST" });
  });
});
