import { describe, expect, it, test } from "vitest";
import { judge } from "../../src/verify/judge.ts";
import { captured, checkNamed, judged, printed } from "./answers.ts";

const neighbors = captured("leaf01-neighbors");
const group = captured("leaf01-peer-group");
const kernelHasBridge = printed("");
const guard = captured("leaf01-srvguard");

const reply = (exitCode: number, stderr: string) => printed("", exitCode, stderr);

/** The healthy answer with one text replaced by another. */
function instead(text: string, other: string) {
  expect(neighbors.stdout).toContain(text);
  return printed(neighbors.stdout.replaceAll(text, other));
}

describe("the rails of a server's session", () => {
  it.each(["swp6", "swp8"])("hold: %s", (port) => {
    expect(judged(`guards/leaf01/${port}`, neighbors, group)).toMatchObject({
      status: "pass",
      seen: "prefix-list anycast in, route-map FROM-SERVER in, prefix-list NONE out, hangs up after 8 prefixes, AS 65300 alone, ipv4 unicast alone",
    });
  });

  it("are each missed by name when somebody weakens them", () => {
    const verdict = judged("guards/leaf01/swp8", captured("weak-leaf01-neighbors"), captured("weak-leaf01-peer-group"));
    expect(verdict).toMatchObject({
      status: "fail",
      seen: "maximum-prefix is 16; maximum-prefix only warns; no soft-reconfiguration inbound; l2VpnEvpn is activated; any AS may connect",
      hint: "the playbook sets these rails; run lab up again",
    });
  });

  test.each([
    ['"incomingUpdatePrefixFilterList":"anycast",', '"incomingUpdatePrefixFilterList":"ANY",', "prefix-list in is ANY"],
    ['"incomingUpdatePrefixFilterList":"anycast",', "", "no prefix-list in"],
    ['"outgoingUpdatePrefixFilterList":"NONE",', "", "no prefix-list out"],
    ['"routeMapForIncomingAdvertisements":"FROM-SERVER",', "", "no route-map in"],
    ['"prefixAllowedMax":8,', "", "no maximum-prefix"],
    ['"prefixAllowedRestartIntervalMsecs":60000', '"x":0', "maximum-prefix restarts after 0 s"],
    ['"inboundSoftConfigPermit":true,', "", "no soft-reconfiguration inbound"],
    ['"peerGroup":"anycast",', "", "not in peer-group anycast"],
  ])("without %s: %j", (text, other, seen) => {
    expect(judged("guards/leaf01/swp6", instead(text, other), group)).toMatchObject({ status: "fail", seen });
  });

  it("name the AS that may connect", () => {
    const other = printed(group.stdout.replace("65300", "65202"));
    expect(judged("guards/leaf01/swp6", neighbors, other).seen).toBe("AS 65202 may connect");
    expect(judged("guards/leaf01/swp6", neighbors, printed("{}")).seen).toBe("no peer-group anycast");
  });

  it("hold while a server is gone: they are the leaf's, not the session's", () => {
    expect(judged("guards/leaf01/swp6", captured("broken-leaf01-neighbors"), group).status).toBe("pass");
  });
});

describe("the guard in the leaf's kernel", () => {
  const gone = reply(1, captured("weak-leaf01-srvguard.stderr").stdout);

  it("drops router advertisements and DHCP answers", () => {
    expect(judged("server-guard/leaf01", guard, kernelHasBridge)).toMatchObject({
      status: "pass",
      seen: "no router advertisement and no DHCP answer from swp5 swp7",
    });
  });

  it("is missed where it is not loaded", () => {
    expect(judged("server-guard/leaf01", gone, kernelHasBridge)).toMatchObject({
      status: "fail",
      seen: "not loaded: exit 1: Error: No such file or directory list table bridge srvguard ^^^^^^^^",
    });
  });

  it("is missed port by port", () => {
    const verdict = judged("server-guard/leaf01", captured("weak-leaf01-srvguard"), kernelHasBridge);
    expect(verdict.seen).toBe("swp7 lets router advertisements through");
    expect(judged("server-guard/leaf02", captured("weak-leaf01-srvguard"), kernelHasBridge).status).toBe("pass");
  });

  test.each([
    ["accepts", '{"drop": null}', '{"accept": null}'],
    ["is in a chain that no packet passes", '"hook": "prerouting", ', ""],
    ["excepts somebody", '"op": "=="', '"op": "!="'],
  ])("is none when it %s", (_, text, other) => {
    const verdict = judged("server-guard/leaf02", printed(guard.stdout.replaceAll(text, other)), kernelHasBridge);
    expect(verdict.seen).toBe(
      "swp5 lets router advertisements through; swp5 lets DHCP answers through; swp5 lets DHCPv6 answers through",
    );
  });

  // Not captured: the kernel at hand has the family. nf_tables answers EOPNOTSUPP for one it was built without.
  const refused = reply(1, "Error: Could not process rule: Operation not supported\nadd table bridge lab;\n^^^^^^\n");
  test.each([
    [
      "a kernel without bridge family",
      refused,
      "no nftables bridge family in this kernel: Error: Could not process rule: Operation not supported",
    ],
    ["a leaf without nft", reply(127, "bash: nft: command not found\n"), "leaf01 has no nft"],
  ])("is skipped, and not asked for again, on %s", (_, family, reason) => {
    expect(judged("server-guard/leaf01", gone, family)).toMatchObject({ status: "skip", final: true, reason });
  });

  it("is asked for again where the node did not answer", () => {
    const verdict = judge(checkNamed("server-guard/leaf01"), [{ unreachable: "gone" }, { unreachable: "gone" }]);
    expect(verdict).toMatchObject({ status: "skip" });
    expect(verdict).not.toHaveProperty("final");
  });
});

describe("unknown answers are failures that show what was printed, never a crash", () => {
  const answers = ["", "{}", "[]", "null", "17", '{"swp6":5}', '{"nftables":[{"rule":{}}]}', "% Unknown command"];
  test.each(answers)("%j", (answer) => {
    for (const id of ["guards/leaf01/swp6", "server-guard/leaf01"]) {
      expect(judged(id, printed(answer), printed(answer))).toMatchObject({
        status: "fail",
        seen: expect.stringMatching(/./),
      });
    }
    expect(judged("guards/leaf01/swp6", neighbors, printed(answer))).toMatchObject({ status: "fail" });
  });
});
