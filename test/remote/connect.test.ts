import { connect as connectTo } from "node:net";
import { Duplex } from "node:stream";
import { afterEach, describe, expect, it, vi } from "vitest";
import { LabError } from "../../src/errors.ts";
import { makeKeyPair } from "../../src/remote/keys.ts";
import { connect, type SshTarget } from "../../src/remote/ssh.ts";
import { fakeClock } from "../fakes/clock.ts";
import { until } from "../fakes/processes.ts";
import { fakeNode } from "../fakes/ssh-server.ts";

/** A stream that says some words, and then nothing, or that it is over. */
function speaker(words: string, ending?: "ends"): Duplex {
  const stream = new Duplex({
    allowHalfOpen: false,
    read: () => undefined,
    write: (_bytes, _encoding, done) => done(),
  });
  if (words !== "") stream.push(words);
  if (ending !== undefined) stream.push(null);
  return stream;
}

const nobody = () => connectTo("/no/such/socket");
const throwing = () => {
  throw new Error("too many open files");
};

/** The target, with these attempts in its way; each stream that was opened. */
function withAttempts(target: SshTarget, ...attempts: (() => Duplex)[]) {
  const streams: Duplex[] = [];
  const openStream = () => {
    const open = attempts[streams.length] ?? target.openStream ?? nobody;
    const stream = open() as Duplex;
    streams.push(stream);
    return stream;
  };
  return { ...target, openStream, streams };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("connecting to a node that boots", () => {
  it("is tried again, a little later each time, until it answers", async () => {
    const clock = fakeClock();
    const target = withAttempts(fakeNode().target, nobody, nobody, nobody);
    const session = await connect(target, { clock, timeoutMs: 60_000 });
    expect((await session.run(["echo", "up"])).stdout).toBe("up\n");
    expect(clock.pauses).toEqual([20, 40, 60]);
  });

  it.each([
    ["hangs up at once", () => speaker("", "ends")],
    ["hangs up in the middle of the handshake", () => speaker("SSH-2.0-OpenSSH_9.2\r\n", "ends")],
    ["speaks another language", () => speaker("HTTP/1.1 400 Bad Request\r\n\r\n", "ends")],
  ])("is tried again where what answers %s", async (_, attempt) => {
    const clock = fakeClock();
    const target = withAttempts(fakeNode().target, attempt);
    expect((await connect(target, { clock, timeoutMs: 60_000 })).isOpen()).toBe(true);
    expect(target.streams[0]?.destroyed).toBe(true);
    expect(clock.pauses).toEqual([20]);
  });

  it("ends with its last reason and exit code 5 when the time is over", async () => {
    const clock = fakeClock();
    const attempt = connect({ ...fakeNode().target, openStream: nobody }, { clock, timeoutMs: 3000 });
    await expect(attempt).rejects.toMatchObject({
      code: "E_UNREACHABLE",
      exitCode: 5,
      node: "leaf01",
      message: "leaf01: no SSH answer from 192.0.2.1 in 3 s (connect ENOENT /no/such/socket)",
      hint: "lab logs leaf01",
    });
    expect(Math.max(...clock.pauses)).toBe(250);
    expect(clock.pauses.reduce((sum, ms) => sum + ms)).toBeLessThan(3250);
  });

  it("is tried once where there is no time at all, and says why even if nothing could be opened", async () => {
    const clock = fakeClock();
    const attempt = connect({ ...fakeNode().target, openStream: throwing }, { clock, timeoutMs: 0 });
    await expect(attempt).rejects.toThrow("in 0 s (too many open files)");
    expect(clock.pauses).toEqual([]);
  });

  it("leaves no stream behind where the key cannot be read", async () => {
    const target = withAttempts({ ...fakeNode().target, privateKey: "no key" });
    await expect(connect(target, { clock: fakeClock(), timeoutMs: 0 })).rejects.toThrow("Cannot parse privateKey");
    expect(target.streams.map(({ destroyed }) => destroyed)).toEqual([true]);
  });

  it("waits ten seconds for the first byte, and longer for one that has begun to answer", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const attempts = [() => speaker(""), () => speaker("SSH-2.0-OpenSSH_9.2\r\n")];
    const target = withAttempts(fakeNode().target, ...attempts);
    const session = connect(target, { clock: fakeClock(), timeoutMs: 60_000 });
    await until(() => target.streams.length === 1);
    vi.advanceTimersByTime(9_999);
    expect(target.streams[0]?.destroyed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(target.streams[0]?.destroyed).toBe(true);
    await until(() => target.streams[1]?.readableFlowing === true && target.streams[1].readableLength === 0);
    vi.advanceTimersByTime(19_999);
    expect(target.streams[1]?.destroyed).toBe(false);
    vi.advanceTimersByTime(1);
    expect((await session).isOpen()).toBe(true);
  });
});

describe("connecting is final, without another attempt,", () => {
  it("where another host key is shown: no login is sent", async () => {
    const clock = fakeClock();
    const node = fakeNode();
    const attempt = connect({ ...node.target, hostKey: makeKeyPair().public }, { clock, timeoutMs: 60_000 });
    await expect(attempt).rejects.toMatchObject({ code: "E_HOST_KEY", node: "leaf01", exitCode: 4 });
    expect({ logins: node.logins, connections: node.connections, pauses: clock.pauses }).toEqual({
      logins: [],
      connections: 1,
      pauses: [],
    });
  });

  it.each([
    ["key", { privateKey: makeKeyPair().private }],
    ["user", { user: "nobody" }],
  ])("where the %s is not let in", async (_, other) => {
    const clock = fakeClock();
    const node = fakeNode();
    const attempt = connect({ ...node.target, ...other }, { clock, timeoutMs: 60_000 });
    await expect(attempt).rejects.toMatchObject({ code: "E_LOGIN", message: "leaf01: the login was refused" });
    expect({ connections: node.connections, pauses: clock.pauses }).toEqual({ connections: 1, pauses: [] });
  });

  it("where the hypervisor on the way stays away, and has been waited for", async () => {
    const clock = fakeClock();
    const away = new LabError({ code: "E_HYPERVISOR_LOST", message: "the connection to ssh://hv was lost" });
    const target = withAttempts(fakeNode().target, () => speaker("").destroy(away));
    await expect(connect(target, { clock, timeoutMs: 60_000 })).rejects.toBe(away);
    expect(clock.pauses).toEqual([]);
  });

  it.each([
    ["while an attempt waits", () => speaker("")],
    ["between attempts", nobody],
  ])("where it is interrupted %s", async (_, attempt) => {
    const interrupt = new AbortController();
    const target = withAttempts({ ...fakeNode().target, openStream: attempt });
    const clock = fakeClock();
    const session = connect(target, { clock, timeoutMs: 1e9, signal: interrupt.signal });
    await until(() => target.streams.length > 0);
    interrupt.abort();
    await expect(session).rejects.toMatchObject({ code: "E_UNREACHABLE" });
    expect(target.streams.every((stream) => stream.destroyed)).toBe(true);
  });
});
