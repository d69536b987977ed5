import { describe, expect, it } from "vitest";
import { shutPorts, stepBack } from "../../src/render/frr-commands.ts";
import * as pins from "../../src/render/pins.ts";
import { fabricOf } from "../plan/topologies.ts";
import { anycast, onNetns } from "./topologies.ts";

const plan = onNetns(anycast);

describe("pins", () => {
  it.each(["spine01", "leaf01", "edge01"])("are as reviewed on %s", async (router) => {
    const ways = pins.waysOf([plan], router);
    const parts = {
      "ip -force -batch, first": pins.renderRules(ways) + pins.renderWays(ways),
      "nft, first": pins.renderPins(ways, ["172.20.0.1"]),
      "nft, when the new next hops stand": pins.renderFrozenPins,
      "nft, at the end": pins.renderNoPins,
      "ip -force -batch, at the end": pins.renderNoWays(ways),
    };
    const text = Object.entries(parts).map(([title, part]) => `### ${title}\n${part}\n`);
    await expect(text.join("")).toMatchFileSnapshot(`../golden/anycast/pins-${router}.txt`);
  });

  it("keep the numbers of ports that stay, and know those that come", () => {
    const [two, three] = [onNetns(fabricOf(1, 2, 1)), onNetns(fabricOf(1, 3, 1))];
    const ports = pins.waysOf([two, three], "spine01").map(({ port }) => port);
    expect(ports.slice(0, -1)).toEqual(pins.waysOf([two], "spine01").map(({ port }) => port));
    expect(ports).toHaveLength(pins.waysOf([three], "spine01").length);
    expect(pins.waysOf([two, three], "leaf03")).toEqual(pins.waysOf([three], "leaf03"));
  });

  it("are there as long as the kernel lists a connection", () => {
    const map = "table ip lab-pins {\n\tmap ways {\n\t\ttimeout 3s\n";
    expect(pins.isUnpinned(`${map}\t}\n}\n`)).toBe(true);
    expect(
      pins.isUnpinned(`${map}\t\telements = { 192.168.10.10 . 41000 . 172.20.0.1 . 80 . tcp : 0x1fa5 }\n\t}\n}\n`),
    ).toBe(false);
    // Who does not answer is not waited for.
    expect(pins.isUnpinned("")).toBe(true);
  });
});

describe("what FRR is told", () => {
  it("by a server that steps back is one AS more, for these prefixes and on the way out alone", () => {
    expect(stepBack(65300, ["172.20.0.1/32", "172.20.0.2/32"]).filter((word) => word !== "-c")).toEqual([
      "vtysh",
      "configure",
      "ip prefix-list LEAVING seq 5 permit 172.20.0.1/32",
      "ip prefix-list LEAVING seq 10 permit 172.20.0.2/32",
      "route-map LEAVING permit 10",
      "match ip address prefix-list LEAVING",
      "set as-path prepend 65300",
      "exit",
      "route-map LEAVING permit 20",
      "match ip address prefix-list VIP",
      "exit",
      "router bgp 65300",
      "address-family ipv4 unicast",
      "neighbor leaf route-map LEAVING out",
    ]);
  });

  it("of ports that go is to shut them", () => {
    expect(shutPorts(["swp5", "swp6"]).filter((word) => word !== "-c")).toEqual([
      "vtysh",
      "configure",
      ...["interface swp5", "shutdown", "exit"],
      ...["interface swp6", "shutdown", "exit"],
    ]);
  });
});
