import { describe, expect, test } from "vitest";
import { assignLeases, assignLoopbacks, assignManagement } from "../../src/plan/address.ts";
import { hashText, takeFree } from "../../src/plan/hash.ts";
import { assignMacs, gatewayMacOf, linkLocalOf } from "../../src/plan/mac.ts";
import { numberNames, numberNodes } from "../../src/topology/numbers.ts";
import type { Topology } from "../../src/topology/topology.ts";
import { defaults, end, fabricOf, link, node, withNode } from "./topologies.ts";

describe("numbers", () => {
  test.each([
    [
      ["leaf01", "leaf02", "leaf03"],
      [1, 2, 3],
    ],
    [
      ["leaf03", "leaf01"],
      [3, 1],
    ],
    [
      ["laptop", "client02", "phone"],
      [1, 2, 3],
    ],
    [
      ["a-leaf1", "b-leaf1", "leaf2"],
      [1, 3, 2],
    ],
    [
      ["leaf00", "leaf01"],
      [2, 1],
    ],
    [
      ["leaf20261122", "leaf01"],
      [2, 1],
    ],
  ])("%j are %j", (names, numbers) => {
    expect([...names.map((name) => numberNames(names).get(name))]).toEqual(numbers);
  });
});

describe("link-local addresses", () => {
  test.each([
    ["58:9c:fc:00:5e:43", "fe80::5a9c:fcff:fe00:5e43"],
    ["58:9c:fc:04:71:4e", "fe80::5a9c:fcff:fe04:714e"],
    ["58:9c:fc:0e:b3:f9", "fe80::5a9c:fcff:fe0e:b3f9"],
    ["02:00:00:00:00:01", "fe80::ff:fe00:1"],
    ["00:00:5e:00:01:64", "fe80::200:5eff:fe00:164"],
    ["58:9c:fc:12:00:00", "fe80::5a9c:fcff:fe12:0"],
  ])("%s becomes %s", (mac, address) => {
    expect(linkLocalOf(mac)).toBe(address);
  });
});

test.each([
  [100, "00:00:5e:00:01:64"],
  [10, "00:00:5e:00:01:0a"],
  [300, "00:00:5e:00:01:2c"],
])("VLAN %i has gateway MAC %s", (id, mac) => {
  expect(gatewayMacOf(id)).toBe(mac);
});

describe("MACs", () => {
  const topology: Topology = {
    ...fabricOf(1, 1, 1),
    nodes: [node("leaf01", "leaf", { macs: { swp1: "58:9c:fc:01:53:81" } })],
  };
  const ends = [end("leaf01:swp1"), end("leaf01:swp2")];

  test("are given or follow from lab, node and interface", () => {
    const macs = assignMacs(topology, "one", ends);
    expect(macs.get("leaf01:swp1")).toBe("58:9c:fc:01:53:81");
    expect(macs.get("leaf01:swp2")).toMatch(/^58:9c:fc(:[0-9a-f]{2}){3}$/);
    expect(assignMacs(topology, "one", ends)).toEqual(macs);
    expect(assignMacs(topology, "two", ends).get("leaf01:swp2")).not.toBe(macs.get("leaf01:swp2"));
  });

  test("give way to a given one they would collide with", () => {
    const derived = assignMacs(topology, "one", ends).get("leaf01:swp2") ?? "";
    const collision = { ...topology, nodes: [node("leaf01", "leaf", { macs: { swp1: derived } })] };
    expect(assignMacs(collision, "one", ends).get("leaf01:swp2")).not.toBe(derived);
  });
});

test("a taken value is never given twice, and the order of rounds is fixed", () => {
  const taken = new Set<number>();
  const values = Array.from({ length: 16 }, () => takeFree(taken, "x", (text) => hashText(text) % 32));
  expect(new Set(values).size).toBe(16);
  const again = new Set<number>();
  expect(Array.from({ length: 16 }, () => takeFree(again, "x", (text) => hashText(text) % 32))).toEqual(values);
});

test("the hash is the same on every machine", () => {
  expect([hashText(""), hashText("anycast"), hashText("leaf01")]).toMatchInlineSnapshot(`
    [
      2872998923,
      3127735516,
      1032802764,
    ]
  `);
});

function loopbacksOf(topology: Topology) {
  return assignLoopbacks(topology, numberNodes(topology));
}

describe("loopbacks", () => {
  test("count spines, then leaves", () => {
    expect([...loopbacksOf(fabricOf(2, 2, 1))]).toEqual([
      ["spine01", "10.100.0.1"],
      ["spine02", "10.100.0.2"],
      ["leaf01", "10.100.0.3"],
      ["leaf02", "10.100.0.4"],
    ]);
  });

  test("keep given ones and move what they displace to the lowest free address", () => {
    expect(loopbacksOf(withNode(fabricOf(1, 3, 1), "leaf03", { loopback: "10.100.0.2" }))).toEqual(
      new Map([
        ["leaf03", "10.100.0.2"],
        ["spine01", "10.100.0.1"],
        ["leaf02", "10.100.0.3"],
        ["leaf01", "10.100.0.4"],
      ]),
    );
  });

  test("fill a pool to its last host and say so when it is full", () => {
    const base = fabricOf(1, 5, 1);
    const pool = (loopbacks: string) => ({ ...base, defaults: { ...defaults, loopbacks } });
    expect(loopbacksOf(pool("10.9.0.0/29")).size).toBe(6);
    expect(() => loopbacksOf(pool("10.9.0.0/30"))).toThrow("no free address left in 10.9.0.0/30");
  });
});

test("management works in a network too small for blocks", () => {
  const base = fabricOf(1, 2, 1);
  const topology = { ...base, defaults: { ...defaults, management: "192.168.99.0/28" } };
  const addresses = [...assignManagement(topology, numberNodes(topology)).values()];
  expect(new Set(addresses).size).toBe(addresses.length);
  expect(addresses).not.toContain("192.168.99.1/28");
});

/** Of server01 and server02, on a VLAN of their own. */
function leasesOf(subnet: string, gateway: string) {
  const topology: Topology = {
    ...fabricOf(1, 2, 1),
    vlans: [{ name: "vlan100", id: 100, vni: 10100, subnet, gateway }],
  };
  const leases = assignLeases(topology, numberNodes(topology));
  return ["server01:em0", "server02:em0"].map((key) => leases.get(key));
}

describe("leases", () => {
  test.each([
    ["172.16.0.0/24", "172.16.0.1", ["172.16.0.101/24", "172.16.0.102/24"]],
    ["172.16.0.0/24", "172.16.0.101", ["172.16.0.1/24", "172.16.0.102/24"]],
    ["172.16.0.0/28", "172.16.0.1", ["172.16.0.2/28", "172.16.0.3/28"]],
    ["172.16.0.0/28", "172.16.0.14", ["172.16.0.1/28", "172.16.0.2/28"]],
  ])("in %s with gateway %s are %j", (subnet, gateway, leases) => {
    expect(leasesOf(subnet, gateway)).toEqual(leases);
  });

  test("a server with two access ports has two", () => {
    const base = fabricOf(1, 1, 1);
    const topology = { ...base, links: [...base.links, link("leaf01:swp9 server01:em2", { vlan: "vlan100" })] };
    expect([...assignLeases(topology, numberNodes(topology)).keys()]).toEqual(["server01:em0", "server01:em2"]);
  });
});
