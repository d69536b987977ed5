import { describe, expect, it, test } from "vitest";
import { captured, judged, printed } from "./answers.ts";

const hop = (dev: string, host: string, flags: string[] = []) => ({ dev, via: { family: "inet6", host }, flags });
const routes = (...nexthops: object[]) => printed(JSON.stringify([{ dst: "172.20.0.1", nexthops }]));

describe("a healthy fabric passes", () => {
  test.each([
    ["sessions/spine01", "spine01-summary", "3 of 3 sessions up"],
    ["sessions/edge01", "edge01-summary", "1 of 1 session up"],
    ["sessions/server01", "server01-summary", "1 of 1 session up"],
    ["evpn-sessions/leaf01", "leaf01-evpn", "1 of 1 session up"],
    ["port/leaf01/swp6", "leaf01-neighbors", "swp6 (server01) AS 65300 Established, 1 prefix accepted"],
    ["bfd/leaf01", "leaf01-bfd", "BFD up: swp6 swp8"],
    ["next-hops/spine01/web", "spine01-routes", "2 next hops: swp3 swp4"],
    ["next-hops/leaf01/web", "leaf01-routes", "2 next hops: swp6 swp8"],
    ["next-hops/leaf02/web", "leaf02-routes", "1 next hop: swp6"],
    ["next-hops/edge01/web", "edge01-routes", "1 next hop: swp2"],
    ["paths/spine01/web", "spine01-paths", "2 paths in use: swp3 swp4"],
    ["paths/leaf01/web", "leaf01-paths", "2 paths in use: swp6 swp8"],
    ["paths/edge01/web", "edge01-paths", "1 path in use: 10.0.3.1"],
    ["vteps/leaf01/vlan100", "leaf01-vnis", "VNI 10100 with leaf02"],
    ["return-path/server01", "server01-routes", "default via 172.16.0.1 dev em0, no BGP route"],
  ])("%s", (id, fixture, seen) => {
    expect(judged(id, captured(fixture))).toMatchObject({ status: "pass", seen });
  });
});

describe("a broken one fails, and the verdict names the node that is gone", () => {
  test.each([
    ["sessions/spine01", "broken-spine01-summary", "2 of 3 sessions up; swp3 (leaf01) is Active"],
    ["port/leaf01/swp6", "broken-leaf01-neighbors", "swp6 (server01) is Idle"],
    ["port/leaf01/swp8", "broken-leaf01-neighbors", "0 prefixes accepted from swp8 (server03)"],
    ["bfd/leaf01", "broken-leaf01-bfd", "swp6 (server01) is down (control detection time expired)"],
    ["next-hops/spine01/web", "broken-spine01-routes", "1 next hop: swp4; missing swp3 (leaf01)"],
    ["paths/spine01/web", "broken-spine01-paths", "1 path in use: swp4; missing swp3 (leaf01)"],
    ["vteps/leaf02/vlan100", "broken-leaf02-vnis", "no tunnel to leaf01 (10.100.0.3)"],
    // Without live servers of its own, a leaf sends the address back up: the spine's port is not what was planned.
    [
      "next-hops/leaf01/web",
      "broken-leaf01-routes",
      "1 next hop: swp1; missing swp6 (server01) swp8 (server03); unplanned swp1",
    ],
    [
      "return-path/server01",
      "leaf02-routes",
      "default via fe80::5a9c:fcff:fe00:6 dev swp1; BGP routes in the kernel: default 10.100.0.1 10.100.0.3 172.20.0.1 192.168.10.0/24",
    ],
  ])("%s on %s", (id, fixture, seen) => {
    const verdict = judged(id, captured(fixture));
    expect(verdict).toMatchObject({ status: "fail", seen });
    expect(verdict.hint).toContain("lab exec");
  });

  it("says what vtysh said when bgpd does not run", () => {
    const answer = { ...captured("broken-server01-summary.stderr"), exitCode: 1 };
    const verdict = judged("sessions/server01", { ...answer, stdout: "", stderr: answer.stdout });
    expect(verdict).toMatchObject({ status: "fail", seen: "not JSON: exit 1: bgpd is not running" });
  });
});

describe("next hops", () => {
  const leaf01 = "fe80::5a9c:fcff:fe01:5381";
  const leaf02 = "fe80::5a9c:fcff:fe05:17d7";

  it("are a set: their order does not matter", () => {
    expect(judged("next-hops/spine01/web", routes(hop("swp4", leaf02), hop("swp3", leaf01))).status).toBe("pass");
  });

  it("must be the planned link-local addresses", () => {
    const verdict = judged("next-hops/spine01/web", routes(hop("swp3", "fe80::1"), hop("swp4", leaf02)));
    expect(verdict.seen).toBe(`2 next hops: swp3 swp4; swp3 goes to fe80::1, not ${leaf01} (leaf01)`);
  });

  it("do not count while the kernel has marked them dead", () => {
    const verdict = judged("next-hops/spine01/web", routes(hop("swp3", leaf01, ["dead"]), hop("swp4", leaf02)));
    expect(verdict.seen).toBe("1 next hop: swp4; missing swp3 (leaf01)");
  });

  it("may be spelt the old way, which hides the address behind 169.254.0.1", () => {
    const old = { dst: "172.20.0.1", gateway: "169.254.0.1", dev: "swp6", protocol: "bgp", flags: ["onlink"] };
    expect(judged("next-hops/leaf02/web", printed(JSON.stringify([old]))).status).toBe("pass");
  });
});

it("a server's port tells how many prefixes get through", () => {
  const ipv4Unicast = { acceptedPrefixCounter: 3 };
  const swp6 = { remoteAs: 65300, bgpState: "Established", addressFamilyInfo: { ipv4Unicast } };
  const verdict = judged("port/leaf01/swp6", printed(JSON.stringify({ swp6 })));
  expect(verdict.seen).toBe("3 prefixes accepted from swp6 (server01)");
});

describe("unknown answers are failures that show what was printed, never a crash", () => {
  const ids = ["sessions/spine01", "port/leaf01/swp6", "bfd/leaf01", "vteps/leaf01/vlan100"];
  const kernel = ["next-hops/spine01/web", "paths/spine01/web", "return-path/server01"];
  const answers = ["", "{}", "[]", "null", "17", '{"peers":[]}', '[{"dst":5}]', "% Unknown command", '{"paths":[{}]}'];
  test.each([...ids, ...kernel].flatMap((id) => answers.map((answer): [string, string] => [id, answer])))(
    "%s answered by %j",
    (id, answer) => {
      const verdict = judged(id, printed(answer));
      expect(verdict.status).toBe("fail");
      expect(verdict.seen).not.toBe("");
    },
  );
});
