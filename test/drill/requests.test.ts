import { describe, expect, it } from "vitest";
import { countedSince, readCounters } from "../../src/drill/counters.ts";
import { outageMs, readRequest, tallyPhases } from "../../src/drill/requests.ts";
import { good, start } from "./observed.ts";

describe("a line of a client", () => {
  it.each([
    ['{"at":1000.5,"ms":2,"server":"server01"}', { client: "laptop", atMs: 1000.5, tookMs: 2, server: "server01" }],
    ['{"at":1000,"ms":1,"error":"ECONNREFUSED"}', { client: "laptop", atMs: 1000, tookMs: 1, error: "ECONNREFUSED" }],
    ['{"sent":12}', { sent: 12 }],
    ['{"at":1000,"ms":1}', undefined],
    ['{"at":"soon","ms":1,"server":"server01"}', undefined],
    ["{", undefined],
    ["null", undefined],
    ["Segmentation fault", undefined],
  ])("%s", (text, expected) => {
    expect(readRequest("laptop", text)).toEqual(expected);
  });
});

describe("requests", () => {
  it("are shared out by when they were sent", () => {
    expect(tallyPhases(good)).toEqual({
      before: { sent: 10, lost: 0, errors: {}, servers: { server01: 5, server02: 5 }, slowestMs: 2 },
      during: { sent: 20, lost: 2, errors: { "too slow": 2 }, servers: { server02: 18 }, slowestMs: 1000 },
      recovery: { sent: 10, lost: 0, errors: {}, servers: { server01: 5, server02: 5 }, slowestMs: 2 },
      after: { sent: 10, lost: 0, errors: {}, servers: { server01: 5, server02: 5 }, slowestMs: 2 },
    });
  });

  it("that were under way when the fault came are the fault's", () => {
    const request = { client: "laptop", atMs: start - 3, tookMs: 50, error: "ECONNRESET" };
    const tallies = tallyPhases({ ...good, requests: [request] });
    expect(tallies.before.sent).toBe(0);
    expect(tallies.during.errors).toEqual({ ECONNRESET: 1 });
  });

  it("have no after where routers did not come back", () => {
    const { wholeMs: _, ...never } = good;
    expect(tallyPhases(never)).toMatchObject({ recovery: { sent: 20 }, after: { sent: 0 } });
  });

  it("are an outage from the fault to the last that is lost", () => {
    expect(outageMs(good)).toBe(100);
    expect(outageMs({ ...good, requests: good.requests.filter(({ server }) => server !== undefined) })).toBe(0);
  });
});

/** Linux 6.18, shortened at the end of each line. */
const snmp = `Ip: Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos
Ip: 1 64 1234 7 0 5678 0
Icmp: InMsgs InErrors
Icmp: 3 0
`;

describe("a kernel's counters", () => {
  it("are packets that ran out of time to live, and those it forwarded", () => {
    expect(readCounters(snmp)).toEqual({ expired: 7, forwarded: 5678 });
    expect(countedSince({ expired: 5, forwarded: 5000 }, { expired: 7, forwarded: 5678 })).toEqual({
      expired: 2,
      forwarded: 678,
    });
  });

  it.each([[""], ["Ip: Forwarding\nIp: 1\n"], ["Ip: InHdrErrors ForwDatagrams\nIp: many 1\n"], ["Ip: a\n"]])(
    "are none in %j",
    (text) => {
      expect(readCounters(text)).toBeUndefined();
    },
  );
});
