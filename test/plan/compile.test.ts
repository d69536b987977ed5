import { describe, expect, test } from "vitest";
import { findKind } from "../../src/kinds/registry.ts";
import { compilePlan } from "../../src/plan/compile.ts";
import type { Interface, Plan } from "../../src/plan/model.ts";
import type { Topology } from "../../src/topology/topology.ts";
import { nodeOf } from "../render/topologies.ts";
import { fabricOf, link, network, node, withNode } from "./topologies.ts";

function portOf(plan: Plan, name: string, port: string): Interface {
  const found = nodeOf(plan, name).interfaces.find((candidate) => candidate.name === port);
  if (found === undefined) throw new Error(`no interface ${name}:${port}`);
  return found;
}

test("the same topology gives the same bytes, and a plan survives JSON", () => {
  const plan = compilePlan(fabricOf(2, 4, 2), { hypervisor: "netns" });
  expect(JSON.stringify(compilePlan(fabricOf(2, 4, 2), { hypervisor: "netns" }))).toBe(JSON.stringify(plan));
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
});

test("interfaces stand in natural order behind the management port", () => {
  const plan = compilePlan(fabricOf(1, 12, 1), { hypervisor: "netns" });
  const names = nodeOf(plan, "spine01").interfaces.map(({ name }) => name);
  expect(names.slice(0, 4)).toEqual(["eth0", "swp1", "swp3", "swp4"]);
  expect(names.slice(-2)).toEqual(["swp13", "swp14"]);
});

describe("what a node is for decides its ports", () => {
  const plan = compilePlan(fabricOf(2, 2, 1), { hypervisor: "netns" });
  test.each([
    ["spine01", "eth0", "management"],
    ["spine01", "swp1", "numbered"],
    ["spine01", "swp3", "fabric"],
    ["leaf01", "swp1", "fabric"],
    ["leaf01", "swp5", "access"],
    ["leaf01", "swp6", "anycast"],
    ["server01", "em0", "access"],
    ["server01", "em1", "anycast"],
    ["laptop", "eth1", "network"],
    ["hypervisor", "lan0", "network"],
  ])("%s:%s is %s", (name, port, purpose) => {
    expect(portOf(plan, name, port).purpose).toBe(purpose);
  });

  test.each([
    ["spine01", "management", "100.64.1.1"],
    ["leaf02", "management", "100.64.2.2"],
    ["server01", "in-band", "172.16.0.101"],
    ["hypervisor", "local", "192.168.10.20"],
  ])("SSH reaches %s by %s at %s", (name, via, address) => {
    expect(nodeOf(plan, name).reach).toMatchObject({ via, address });
  });
});

describe("AS numbers", () => {
  const plan = compilePlan(fabricOf(2, 101, 1), { hypervisor: "netns" });
  test.each([
    ["spine01", 65100],
    ["spine02", 65100],
    ["leaf01", 65201],
    ["leaf99", 65299],
    ["leaf100", 4_200_065_300],
    ["server50", 65300],
    ["edge01", 65000],
  ])("%s is AS %i", (name, asn) => {
    expect(nodeOf(plan, name).bgp?.asn).toBe(asn);
  });

  test("a leaf gives way to a number that somebody has", () => {
    const odd = compilePlan(withNode(fabricOf(1, 2, 1), "spine01", { asn: 65201 }), { hypervisor: "netns" });
    expect(nodeOf(odd, "leaf01").bgp?.asn).toBe(4_200_065_201);

    const given = compilePlan(withNode(fabricOf(1, 2, 1), "leaf01", { asn: 65202 }), { hypervisor: "netns" });
    expect(nodeOf(given, "leaf01").bgp?.asn).toBe(65202);
    expect(nodeOf(given, "leaf02").bgp?.asn).toBe(4_200_065_202);
  });
});

describe("routing of the reference", () => {
  const plan = compilePlan(fabricOf(2, 4, 1), { hypervisor: "netns" });
  const routesOf = (name: string) => nodeOf(plan, name).routes.map(({ to, via }) => `${to} via ${via}`);

  test("clients have a default route by the LAN's gateway", () => {
    expect(routesOf("laptop")).toEqual(["0.0.0.0/0 via 192.168.10.254"]);
    expect(routesOf("dhcp01")).toEqual(["0.0.0.0/0 via 192.168.10.254"]);
  });

  test("the hypervisor keeps its own default route", () => {
    expect(routesOf("hypervisor")).toContain("172.20.0.1/32 via 192.168.10.254");
    expect(routesOf("hypervisor").some((route) => route.startsWith("0.0.0.0/0"))).toBe(false);
  });

  test("the home router knows every part of the fabric by the edge", () => {
    expect(routesOf("router01")).toEqual([
      "172.20.0.1/32 via 10.200.0.2",
      "172.16.0.0/20 via 10.200.0.2",
      "10.100.0.0/22 via 10.200.0.2",
      "10.0.3.0/30 via 10.200.0.2",
      "10.0.4.0/30 via 10.200.0.2",
    ]);
  });

  test("the edge knows the way back to the LAN and gives the spines a default route", () => {
    expect(routesOf("edge01")).toEqual(["192.168.10.0/24 via 10.200.0.1"]);
    expect(nodeOf(plan, "edge01").bgp).toMatchObject({
      originatesDefault: true,
      announces: [],
      routerId: "10.200.0.2",
    });
  });

  test("a leaf announces its loopback and its VLAN, a server its service", () => {
    expect(nodeOf(plan, "leaf02").bgp?.announces).toEqual(["10.100.0.4/32", "172.16.0.0/20"]);
    expect(nodeOf(plan, "spine02").bgp?.announces).toEqual(["10.100.0.2/32"]);
    expect(nodeOf(plan, "server02").bgp?.announces).toEqual(["172.20.0.1/32"]);
  });

  test("the playbook makes the sessions to servers and nothing else", () => {
    const made = plan.nodes.flatMap(({ name, bgp }) =>
      (bgp?.neighbors ?? []).filter(({ byPlaybook }) => byPlaybook).map(({ interface: port }) => `${name}:${port}`),
    );
    expect(made).toEqual(["leaf01:swp6", "leaf02:swp6", "leaf03:swp6", "leaf04:swp6"]);
  });

  test("routers hash each for themselves, servers stay silent about the service address", () => {
    expect(nodeOf(plan, "leaf01").sysctls).toMatchObject({
      "net.ipv4.ip_forward": 1,
      "net.ipv4.fib_multipath_hash_policy": 3,
      "net.ipv4.fib_multipath_hash_fields": 55,
    });
    expect(nodeOf(plan, "server01").sysctls).toMatchObject({
      "net.ipv4.ip_forward": 0,
      "net.ipv4.conf.all.arp_ignore": 1,
      "net.ipv4.conf.all.arp_announce": 2,
    });
    expect(nodeOf(plan, "hypervisor").sysctls).toEqual({});
  });

  test("servers are not told apart by anything BGP configures", () => {
    const bgp = plan.nodes.filter(({ role }) => role === "server").map((server) => server.bgp);
    expect(bgp.map((each) => [each?.asn, each?.routerId, each?.announces])).toEqual(
      bgp.map(() => [65300, undefined, ["172.20.0.1/32"]]),
    );
  });
});

describe("a LAN that hangs on a spine", () => {
  const base = fabricOf(1, 1, 1);
  const topology: Topology = {
    ...base,
    nodes: base.nodes.filter(({ role }) => role !== "edge" && role !== "router"),
    links: base.links.filter(({ subnet }) => subnet === undefined),
    networks: [
      network("lan", "192.168.10.0/24", { "spine01:swp1": 254, "laptop:eth1": 10, "dhcp01:eth1": 5 }, "spine01"),
    ],
  };
  const plan = compilePlan(topology, { hypervisor: "netns" });

  test("is announced by that spine and is its members' way out", () => {
    expect(nodeOf(plan, "spine01").bgp?.announces).toEqual(["10.100.0.1/32", "192.168.10.0/24"]);
    expect(nodeOf(plan, "laptop").routes).toEqual([{ to: "0.0.0.0/0", via: "192.168.10.254" }]);
    expect(nodeOf(plan, "spine01").routes).toEqual([]);
  });
});

describe("networks behind a chain of routers", () => {
  const base = fabricOf(1, 1, 1);
  const topology: Topology = {
    ...base,
    nodes: [...base.nodes, node("router02", "router"), node("printer", "client")],
    links: [...base.links, link("router01:eth3 router02:eth1", { subnet: "10.201.0.0/31" })],
    networks: [
      ...base.networks,
      network("office", "192.168.20.0/24", { "router02:eth2": 1, "printer:eth1": 9 }, "router02"),
    ],
  };
  const plan = compilePlan(topology, { hypervisor: "netns" });
  const routes = (name: string) => nodeOf(plan, name).routes.map(({ to, via }) => `${to} via ${via}`);

  test("are known hop by hop", () => {
    expect(routes("edge01")).toContain("192.168.20.0/24 via 10.200.0.1");
    expect(routes("router01")).toContain("192.168.20.0/24 via 10.201.0.1");
    expect(routes("router01")).toContain("172.20.0.1/32 via 10.200.0.2");
    expect(routes("router02")).toContain("172.20.0.1/32 via 10.201.0.0");
    expect(routes("router02")).toContain("192.168.10.0/24 via 10.201.0.0");
    expect(routes("printer")).toEqual(["0.0.0.0/0 via 192.168.20.1"]);
  });
});

test("a host on a link of its own has its default route there, and the fabric knows the link", () => {
  const base = fabricOf(1, 1, 1);
  const topology: Topology = {
    ...base,
    nodes: [...base.nodes, node("probe", "client")],
    links: [...base.links, link("leaf01:swp9 probe:eth1", { subnet: "10.9.0.0/31" })],
  };
  const plan = compilePlan(topology, { hypervisor: "netns" });
  expect(nodeOf(plan, "probe").routes).toEqual([{ to: "0.0.0.0/0", via: "10.9.0.0" }]);
  expect(nodeOf(plan, "leaf01").bgp?.announces).toContain("10.9.0.0/31");
});

test("a given route wins over the derived one to the same destination", () => {
  const given = { to: "0.0.0.0/0", via: "192.168.10.1" };
  expect(
    nodeOf(compilePlan(withNode(fabricOf(1, 1, 1), "laptop", { routes: [given] }), { hypervisor: "netns" }), "laptop")
      .routes,
  ).toEqual([given]);
});

describe("MTU", () => {
  test.each([
    [9216, [9216, 1500, 1500]],
    [1550, [1550, 1500, 1500]],
    [1500, [1500, 1450, 1450]],
    [1280, [1280, 1230, 1280]],
  ])("of fabric %i gives uplink, access and anycast ports %j", (fabric, expected) => {
    const base = fabricOf(2, 1, 1);
    const plan = compilePlan({ ...base, defaults: { ...base.defaults, mtu: fabric } }, { hypervisor: "netns" });
    expect(["swp1", "swp5", "swp6"].map((port) => portOf(plan, "leaf01", port).mtu)).toEqual(expected);
  });

  test("of the narrowest uplink counts for the VLAN", () => {
    const base = fabricOf(2, 2, 1);
    const links = base.links.map((each, index) => (index === 3 ? Object.assign({}, each, { mtu: 1500 }) : each));
    const plan = compilePlan({ ...base, links }, { hypervisor: "netns" });
    expect(plan.vlans[0]?.mtu).toBe(1450);
    expect(portOf(plan, "server02", "em0").mtu).toBe(1450);
  });
});

test("guests follow the hypervisor", () => {
  const plan = compilePlan(fabricOf(1, 1, 1), { hypervisor: "vm-bhyve" });
  expect(nodeOf(plan, "server01").guest).toEqual(findKind("freebsd-server")?.guests["vm-bhyve"]);
  expect(Object.keys(nodeOf(plan, "server01").sysctls).every((key) => key.startsWith("net.inet"))).toBe(true);
});
