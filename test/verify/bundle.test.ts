import { describe, expect, it } from "vitest";
import { bundle, unbundle } from "../../src/verify/bundle.ts";
import { askAddresses, askBfd, askDaemons, askRoutes, askSessions } from "../../src/verify/questions.ts";

const [routing] = bundle([askSessions, askDaemons, askBfd]);
const reply = (stdout: string, exitCode = 0) => ({ exitCode, stdout, stderr: "" });

function read(stdout: string, exitCode?: number) {
  return routing === undefined ? [] : unbundle(routing, reply(stdout, exitCode)).map((one) => one?.stdout);
}

describe("questions of one node", () => {
  it("to FRR are one command, all others stay by themselves", () => {
    const bundles = bundle([askAddresses, askSessions, askRoutes, askBfd]);
    expect(bundles.map(({ argv }) => argv)).toEqual([
      ["vtysh", "--echo", "-c", "show bgp ipv4 unicast summary json", "-c", "show bfd peers json"],
      askAddresses.argv,
      askRoutes.argv,
    ]);
  });

  it("stay as they are when one alone is for FRR", () => {
    expect(bundle([askBfd, askRoutes]).map(({ argv }) => argv)).toEqual([askBfd.argv, askRoutes.argv]);
    expect(bundle([])).toEqual([]);
  });

  it("get their own answers back, whatever the prompt", () => {
    const echoed =
      "vm# show bgp ipv4 unicast summary json\n{}\nleaf01# show daemons\n zebra bgpd\nleaf01# show bfd peers json\n[]\n";
    expect(read(echoed)).toEqual(["{}\n", " zebra bgpd\n", "[]\n"]);
  });

  it("have no answer where vtysh did not get to them, or does not say whose failed", () => {
    expect(read("vm# show bgp ipv4 unicast summary json\n{}\n")).toEqual(["{}\n", undefined, undefined]);
    expect(read("vm# show bgp ipv4 unicast summary json\nbgpd is not running\n", 1)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(read("")).toEqual([undefined, undefined, undefined]);
  });

  it("that stand alone keep their reply, failed or not", () => {
    const [alone] = bundle([askRoutes]);
    expect(alone === undefined ? [] : unbundle(alone, reply("x", 1))).toEqual([reply("x", 1)]);
  });
});
