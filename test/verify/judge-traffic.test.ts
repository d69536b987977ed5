import { describe, expect, it, test } from "vitest";
import { captured, judged, printed } from "./answers.ts";

const trace = captured("laptop-traceroute");
const page = (body: string, status: string, exitCode = 0) => printed(`${body}\n${status}`, exitCode);
const flows = (servers: Record<string, number>, failed = 0) =>
  printed(JSON.stringify({ total: 2000, failed, servers }));

describe("the way to the service", () => {
  it("is right when every hop answers from a planned address", () => {
    expect(judged("trace/laptop/web", trace)).toMatchObject({
      status: "pass",
      expected: "edge01 → spine01 → leaf01|leaf02 → web",
      seen: "192.168.10.254 → 10.0.3.1 → 10.100.0.3 → 172.20.0.1",
    });
  });

  test.each([
    ["nobody-traceroute", "hop 4 is nobody, not web"],
    ["laptop-ping", "PING 172.20.0.1"],
  ])("is wrong in %s", (fixture, seen) => {
    const verdict = judged("trace/laptop/web", captured(fixture));
    expect(verdict.status).toBe("fail");
    expect(verdict.seen).toContain(seen);
  });

  it("is wrong when another router answers", () => {
    const detour = printed(trace.stdout.replace("10.0.3.1", "10.9.9.9"));
    expect(judged("trace/laptop/web", detour).seen).toContain("hop 2 is 10.9.9.9, not spine01");
  });

  it("is wrong when it is longer than planned", () => {
    expect(judged("trace/laptop/web", printed(`${trace.stdout} 5  172.20.0.1  0.1 ms\n`)).seen).toContain(
      "5 hops instead of 4",
    );
  });
});

describe("ping", () => {
  test.each([
    ["ping/laptop/web", "laptop-ping", "pass", "3 of 3, TTL 61"],
    ["ping/laptop/web", "nobody-ping", "fail", "0 of 3 replies"],
    ["full-size/server01/vlan100", "server01-ping-full", "pass", "1 of 1, TTL 64"],
    ["full-size/server01/vlan100", "server01-ping-too-big", "fail", "0 of 1 reply"],
  ])("%s on %s", (id, fixture, status, seen) => {
    expect(judged(id, captured(fixture))).toMatchObject({ status, seen });
  });

  it("must come back with one TTL per router less", () => {
    const detour = printed(captured("laptop-ping").stdout.replace("ttl=61", "ttl=59"));
    expect(judged("ping/laptop/web", detour)).toMatchObject({ status: "fail", seen: "3 of 3, TTL 59 61" });
  });

  it("repeats why a packet was not sent", () => {
    const refused = { ...captured("server01-ping-too-big"), stderr: "ping: sendmsg: Message too long\n" };
    expect(judged("full-size/server01/vlan100", refused).seen).toBe("0 of 1 reply (ping: sendmsg: Message too long)");
  });
});

describe("the page", () => {
  const body = "<html><body>\n<h1>It works!</h1>\n\nserver02\n</body></html>";

  test.each([
    ["names a server", page(body, "200"), "pass", "200 from server02"],
    ["is missing", page("<h1>Not Found</h1>", "404"), "fail", "status 404"],
    [
      "is another one",
      page("<h1>Hello server02</h1>", "200"),
      "fail",
      '200 without "It works!": <h1>Hello server02</h1>',
    ],
    ["names nobody", page(body.replace("server02", "server029"), "200"), "fail", "200, but the page names no server"],
    [
      "does not come",
      printed("\n000", 28, "curl: (28) Connection timed out after 3000 ms\n"),
      "fail",
      "exit 28: curl: (28) Connection timed out after 3000 ms",
    ],
  ])("%s", (_, reply, status, seen) => {
    expect(judged("page/laptop/web", reply)).toMatchObject({ status, seen });
  });
});

/** server02 is alone behind leaf02, so that half of the flows are its; server01 and server03 share the other half. */
describe("the spread", () => {
  test.each([
    [
      { server01: 500, server02: 1000, server03: 500 },
      0,
      "pass",
      "2000 flows, largest deviation: server01 +0.0 % of its share",
    ],
    [
      { server01: 600, server02: 1000, server03: 400 },
      0,
      "pass",
      "2000 flows, largest deviation: server01 +20.0 % of its share",
    ],
    [
      { server01: 650, server02: 1000, server03: 350 },
      0,
      "fail",
      "server01 +30.0 % of its share; server03 −30.0 % of its share",
    ],
    [{ server01: 1000, server02: 1000 }, 0, "fail", "no flow reached server03; server01 +100.0 % of its share"],
    [{ server01: 500, server02: 990, server03: 500 }, 10, "fail", "10 flows failed"],
    [{ server01: 500, server02: 1000, server03: 500, stranger: 1 }, 0, "fail", "flows reached stranger"],
    [
      { server01: 500, server02: 1000, server03: 500, stranger: 0 },
      0,
      "pass",
      "2000 flows, largest deviation: server01 +0.0 % of its share",
    ],
    [{}, 2000, "fail", "no flow was answered, 2000 failed"],
  ])("%j with %i failed", (servers, failed, status, seen) => {
    expect(judged("spread/web", flows(servers, failed))).toMatchObject({ status, seen });
  });

  it("hands on what each server answered", () => {
    expect(judged("spread/web", flows({ server01: 500, server02: 1000 })).share).toEqual({
      server01: 500,
      server02: 1000,
      server03: 0,
    });
  });

  it("does not guess from an answer that is not the counter's", () => {
    expect(judged("spread/web", printed("", 1, "Cannot find module")).seen).toBe(
      "not JSON: exit 1: Cannot find module",
    );
  });
});
