import { describe, expect, it, test } from "vitest";
import type { Reply } from "../../src/verify/model.ts";
import { captured, checkNamed, judged, printed } from "./answers.ts";

const sums = (...digests: string[]) =>
  printed(digests.map((digest) => `${digest}  /usr/local/etc/frr/frr.conf\n`).join(""));
const lease = "1795394687 58:9c:fc:00:5e:43 172.16.0.101 server01 *\n";

function settings(changes: Record<string, string> = {}): Reply {
  const { expect: wanted } = checkNamed("sysctls/leaf01");
  const values = wanted.kind === "sysctls" ? wanted.values : {};
  const lines = Object.entries({ ...values, ...changes }).filter(([, value]) => value !== "missing");
  return printed(lines.map(([key, value]) => `${key} = ${value}\n`).join(""));
}

describe("a host that is as planned passes", () => {
  test.each<[string, Reply[]]>([
    ["node/leaf01", [printed("leaf01\n")]],
    ["node/server01", [printed("server01.lab\n")]],
    ["segment/4clf01srv01a", [captured("leaf01-addresses"), captured("server01-addresses")]],
    ["segment/4csp01lf01", [captured("spine01-addresses"), captured("leaf01-addresses")]],
    ["addresses/server01", [captured("server01-addresses")]],
    ["vip/server01/web", [captured("server01-addresses")]],
    ["daemons/leaf01", [captured("leaf01-daemons")]],
    ["silent/leaf01/vlan100/web", [{ ...captured("leaf01-arping-silent"), exitCode: 1 }]],
    ["lease/server01/em0", [printed(`1 00:00:00:00:00:01 172.16.0.9 x *\n${lease}`)]],
    ["identical/servers", [sums("a", "b"), sums("a", "b"), sums("a", "b")]],
    ["sysctls/leaf01", [settings()]],
    ["sysctls/leaf01", [settings({ "net.ipv4.fib_multipath_hash_fields": "0x0037" })]],
  ])("%s", (id, replies) => {
    expect(judged(id, ...replies)).toMatchObject({ status: "pass" });
  });
});

describe("one that is not fails with what was seen", () => {
  const twoPorts = captured("leaf01-addresses");
  const down = printed(twoPorts.stdout.replaceAll(/"LOWER_UP"/g, '"NO-CARRIER"'));
  const narrow = printed(twoPorts.stdout.replaceAll(/"mtu":9216/g, '"mtu":1500'));
  const silence = captured("leaf01-arping-silent");

  test.each<[string, Reply[], string]>([
    ["node/leaf01", [printed("leaf02\n")], "leaf02"],
    ["segment/4clf01srv01a", [down, captured("server01-addresses")], "leaf01:swp6 is up without carrier"],
    ["segment/4clf01srv01a", [twoPorts, printed("[]")], "server01:em1 does not exist"],
    ["segment/4csp01lf01", [captured("spine01-addresses"), narrow], "leaf01:swp1 has MTU 1500, not 9216"],
    ["addresses/server02", [captured("server01-addresses")], "em0 has MAC 58:9c:fc:00:5e:43, not 58:9c:fc:00:00:0a"],
    ["vip/server03/web", [captured("broken-server03-addresses")], "lo1 is down"],
    ["vip/server01/web", [captured("leaf01-addresses")], "no lo1"],
    ["daemons/server01", [captured("broken-server01-daemons")], "missing bfdd bgpd; mgmtd zebra run"],
    ["silent/leaf01/vlan100/web", [captured("leaf01-arping-reply")], "58:9c:fc:00:5e:43 answers"],
    ["silent/leaf01/vlan100/web", [printed("", 127, "arping: not found")], "exit 127: arping: not found"],
    ["lease/server01/em0", [printed("")], "no lease for 58:9c:fc:00:5e:43"],
    ["lease/server01/em0", [printed("", 1, "cat: no such file")], "exit 1: cat: no such file"],
    ["lease/server01/em0", [printed(lease.replace("server01", "*"))], "58:9c:fc:00:5e:43 → 172.16.0.101 *"],
    ["identical/servers", [sums("a"), sums("b"), sums("a")], "server02 differs from server01 server03"],
    ["identical/servers", [sums("a"), sums("a"), printed("", 1, "no file")], "server03: exit 1: no file"],
    [
      "sysctls/leaf01",
      [settings({ "net.ipv4.ip_forward": "0", "net.ipv4.fib_multipath_hash_seed": "missing" })],
      "net.ipv4.ip_forward is 0, not 1; this kernel has no net.ipv4.fib_multipath_hash_seed",
    ],
    [
      "segment/4csp01lf01",
      [printed("what?"), narrow],
      "spine01:swp3: not JSON: what?; leaf01:swp1 has MTU 1500, not 9216",
    ],
  ])("%s: case %#", (id, replies, seen) => {
    const verdict = judged(id, ...replies);
    expect(verdict.status).toBe("fail");
    expect(verdict.seen).toContain(seen);
  });

  it("takes silence for silence only when arping says that it asked", () => {
    expect(judged("silent/leaf01/vlan100/web", printed(silence.stdout.replace(/Received.*/, ""), 1)).status).toBe(
      "fail",
    );
  });
});
