import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Check } from "../../src/healthd/config/service.ts";
import { outcomeOf, printable } from "../../src/healthd/probes/fault.ts";
import { runCheck } from "../../src/healthd/probes/run.ts";
import { deadTarget, tcpServer, udpServer } from "./servers.ts";

async function probe(what: Check, timeoutMs = 5000) {
  return (await runCheck(what, timeoutMs)).outcome;
}
const ok = { result: "ok" };
const fail = (reason: string) => ({ result: "fail", reason });

test("a TCP check connects, and that is all", async () => {
  expect(await probe({ kind: "tcp", target: await tcpServer(() => {}) })).toEqual(ok);
  expect(await probe({ kind: "tcp", target: await deadTarget() })).toEqual(fail("nothing listens there"));
});

describe("an SMTP check", () => {
  test.each([
    ["a greeting", "220 mail ready\r\n", ok],
    ["one of many lines", "220-mail\r\n220-is\r\n220 ready\r\n", ok],
    ["a refusal", "554 no service here\r\n", fail("it greets with: 554 no service here")],
    ["another protocol", "SSH-2.0-OpenSSH\r\n", fail("it greets with: SSH-2.0-OpenSSH")],
    ["one without an end", "220-".padEnd(9000, "x"), fail("it sent over 8192 bytes without an answer")],
  ])("hears %s", async (_, greeting, outcome) => {
    const target = await tcpServer((socket) => void socket.write(greeting));
    expect(await probe({ kind: "smtp", target })).toEqual(outcome);
  });

  test("says good-bye, and waits for the greeting no longer than its deadline", async () => {
    const said: string[] = [];
    const target = await tcpServer((socket) => {
      socket.on("data", (chunk) => said.push(chunk.toString()));
      socket.on("close", () => said.push("closed"));
      socket.write("220 hello\r\n");
    });
    await probe({ kind: "smtp", target });
    await expect.poll(() => said.join("")).toBe("QUIT\r\nclosed");
    const silent = await tcpServer(() => {});
    expect(await probe({ kind: "smtp", target: silent }, 100)).toEqual(fail("not done within 0.1 s"));
  });

  test("tells a connection that is closed without a greeting", async () => {
    const target = await tcpServer((socket) => void socket.end());
    expect(await probe({ kind: "smtp", target })).toEqual(fail("it closed the connection without an answer"));
  });
});

/** A server's packet: the question's transmit time is its origin. */
function packet(question: Buffer, header: number, stratum: number, reference = "GPS\0"): Buffer {
  const answer = Buffer.alloc(48);
  answer.writeUInt8(header, 0);
  answer.writeUInt8(stratum, 1);
  answer.write(reference, 12, "latin1");
  question.copy(answer, 24, 40, 48);
  return answer;
}

function exec(...command: string[]): Check {
  return { kind: "exec", command };
}

describe("an NTP check", () => {
  test.each([
    ["a server", 0x24, 2, ok],
    ["one that is not synchronised", 0xe4, 2, fail("its clock is not synchronised")],
    ["one that is too far from any clock", 0x24, 16, fail("its clock is not synchronised")],
    ["a kiss of death", 0x24, 0, fail("it sends us away: RATE")],
    ["another client", 0x23, 2, fail("it answers in mode 3, not as a server")],
  ])("judges %s", async (_, header, stratum, outcome) => {
    const target = await udpServer((question) => [
      // Of somebody else's, and too short.
      packet(Buffer.alloc(48), 0x24, 1),
      Buffer.alloc(4),
      packet(question, header, stratum, stratum === 0 ? "RATE" : undefined),
    ]);
    expect(await probe({ kind: "ntp", target })).toEqual(outcome);
  });

  test("asks as a client of version 4 without its own time", async () => {
    const asked: Buffer[] = [];
    const target = await udpServer((question) => {
      asked.push(question);
      return [packet(question, 0x24, 1)];
    });
    await probe({ kind: "ntp", target });
    await probe({ kind: "ntp", target });
    expect(asked.map((question) => [question.length, question[0]])).toEqual([
      [48, 0x23],
      [48, 0x23],
    ]);
    expect(asked[0]?.subarray(40)).not.toEqual(asked[1]?.subarray(40));
  });
});

describe("an exec check", () => {
  test.each([
    ["passes", ["/bin/sh", "-c", "exit 0"], ok],
    ["fails with what was said", ["/bin/sh", "-c", "echo broken >&2; exit 3"], fail("exit code 3: broken")],
    ["fails by a signal", ["/bin/sh", "-c", "kill -9 $$"], fail("ended by SIGKILL")],
    ["passes words on as they are", ["/bin/sh", "-c", '[ "$1" = "a  \\$b" ]', "sh", "a  $b"], ok],
  ])("%s", async (_, command, outcome) => {
    expect(await probe(exec(...command))).toEqual(outcome);
  });

  test("is healthd's own fault if it cannot be started", async () => {
    expect(await probe(exec("/nowhere/check"))).toMatchObject({ result: "unknown" });
  });

  test("kills the whole process group at its deadline", async () => {
    const folder = mkdtempSync(join(tmpdir(), "healthd-exec-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "pid");
    const script = 'sleep 1000 & echo $! >"$1"; wait';
    expect(await probe(exec("/bin/sh", "-c", script, "sh", file), 1000)).toEqual(fail("not done within 1 s"));
    const pid = Number(readFileSync(file, "utf8"));
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  test("is not held up by what the program leaves behind", async () => {
    expect(await probe(exec("/bin/sh", "-c", "sleep 1000 & exit 0"))).toEqual(ok);
  });
});

/** A zombie is dead: whoever fetches children here may be slow. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

test.each([
  ["EMFILE", "unknown"],
  ["EAGAIN", "unknown"],
  ["ENOMEM", "unknown"],
  ["EADDRNOTAVAIL", "unknown"],
  ["ECONNREFUSED", "fail"],
  ["ECONNRESET", "fail"],
  ["EHOSTUNREACH", "fail"],
])("%s is %s", (code, result) => {
  expect(outcomeOf(Object.assign(new Error("x"), { code })).result).toBe(result);
});

test("what a service said is short and has no control characters", () => {
  expect(printable("\u001b[2J a\r\n\tb\u202e")).toBe("[2J a b");
  expect(printable("x".repeat(1000))).toHaveLength(160);
});
