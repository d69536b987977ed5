import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DnsCheck, dnsTypes, type DnsType, type Target } from "../../src/healthd/config/service.ts";
import { decodeReply, encodeQuery } from "../../src/healthd/probes/dns-wire.ts";
import { Failure } from "../../src/healthd/probes/fault.ts";
import { runCheck } from "../../src/healthd/probes/run.ts";
import { deadTarget, tcpServer, udpServer } from "./servers.ts";

interface Record_ {
  readonly type: DnsType;
  readonly data: Buffer;
}

/** A reply to a query, whose answers point back to the question's name as real servers' do. */
function reply(query: Buffer, records: readonly Record_[], flags = 0x8180): Buffer {
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(flags, 2);
  header.writeUInt16BE(records.length, 6);
  const answers = records.map(({ type, data }) => {
    const fixed = Buffer.from([0xc0, 12, 0, dnsTypes[type], 0, 1, 0, 0, 0, 60, 0, data.length]);
    return Buffer.concat([fixed, data]);
  });
  return Buffer.concat([header, query.subarray(12), ...answers]);
}

const address: Record_ = { type: "A", data: Buffer.from([192, 0, 2, 1]) };

function check(target: Target, rest: Partial<DnsCheck> = {}): DnsCheck {
  return { kind: "dns", target, transport: "udp", query: "www.example.org", type: "A", ...rest };
}
async function probe(what: DnsCheck, timeoutMs = 5000) {
  return (await runCheck(what, timeoutMs)).outcome;
}

test("a query is as RFC 1035 has it", () => {
  expect(encodeQuery(0x1234, "a.example.", "AAAA").toString("hex")).toBe(
    "12340100000100000000000001610765" + Buffer.from("xample").toString("hex") + "00001c0001",
  );
});

describe("a reply's data", () => {
  const pointer = Buffer.from([3, 0x77, 0x77, 0x77, 0xc0, 12]);
  test.each<[DnsType, Buffer, string]>([
    ["A", address.data, "192.0.2.1"],
    ["AAAA", Buffer.from("20010db8000000000000000000000001", "hex"), "2001:db8::1"],
    ["CNAME", pointer, "www.example.org"],
    ["TXT", Buffer.from("\u0003abc\u0002de"), "abcde"],
  ])("of type %s is read", (type, data, text) => {
    const message = reply(encodeQuery(7, "Example.org", type), [{ type, data }]);
    expect(decodeReply(message)).toMatchObject({
      id: 7,
      code: 0,
      question: { name: "example.org" },
      answers: [{ data: text }],
    });
  });

  test("that points at itself is refused", () => {
    const message = reply(encodeQuery(7, "a", "CNAME"), [{ type: "CNAME", data: Buffer.from([0xc0, 31]) }]);
    expect(() => decodeReply(message)).toThrow("a name without an end");
  });

  test("may be anything: it is read or refused", () => {
    const whole = reply(encodeQuery(7, "a.b.c", "TXT"), [{ type: "TXT", data: Buffer.from("\u0003abc") }, address]);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255))),
        fc.nat(whole.length),
        (changes, length) => {
          const message = Buffer.from(whole);
          for (const [offset, value] of changes) message[offset] = value;
          let error: unknown = new Failure();
          try {
            decodeReply(message.subarray(0, length));
          } catch (thrown) {
            error = thrown;
          }
          expect(error).toBeInstanceOf(Failure);
        },
      ),
    );
  });
});

describe("a DNS check", () => {
  test.each<[string, Partial<DnsCheck>, (query: Buffer) => Buffer, string | undefined]>([
    ["any answer", {}, (query) => reply(query, [address]), undefined],
    ["the expected one", { answer: "192.0.2.1" }, (query) => reply(query, [address]), undefined],
    [
      "another one",
      { answer: "192.0.2.2" },
      (query) => reply(query, [address]),
      "it says www.example.org is 192.0.2.1",
    ],
    ["none", {}, (query) => reply(query, []), "it has no A record for www.example.org"],
    ["a refusal", {}, (query) => reply(query, [], 0x8185), "it answers REFUSED"],
    [
      "another question's",
      {},
      (query) => reply(encodeQuery(query.readUInt16BE(0), "b", "A"), []),
      "it answers another question",
    ],
  ])("judges %s", async (_, rest, answer, reason) => {
    const target = await udpServer((query) => [answer(query)]);
    expect(await probe(check(target, rest))).toEqual(
      reason === undefined ? { result: "ok" } : { result: "fail", reason },
    );
  });

  test("takes no answer with another number for its own", async () => {
    const target = await udpServer((query) => {
      const forged = reply(query, [{ type: "A", data: Buffer.from([10, 0, 0, 1]) }]);
      forged.writeUInt16BE((query.readUInt16BE(0) + 1) % 65_536, 0);
      return [Buffer.from("x"), forged, reply(query, [address])];
    });
    expect(await probe(check(target, { answer: "192.0.2.1" }))).toEqual({ result: "ok" });
  });

  test("hears that nothing listens, and waits no longer than its deadline", async () => {
    expect(await probe(check(await deadTarget()))).toEqual({ result: "fail", reason: "nothing listens there" });
    const silent = await udpServer(() => []);
    expect(await probe(check(silent), 100)).toEqual({ result: "fail", reason: "not done within 0.1 s" });
  });

  test("asks over TCP, whatever the pieces the answer comes in", async () => {
    const target = await tcpServer((socket) => {
      socket.on("data", (chunk) => {
        const answer = reply((chunk as Buffer).subarray(2), [address]);
        for (const byte of [0, answer.length, ...answer]) socket.write(Buffer.from([byte]));
      });
    });
    expect(await probe(check(target, { transport: "tcp", answer: "192.0.2.1" }))).toEqual({ result: "ok" });
  });
});
