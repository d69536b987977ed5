import { describe, expect, test } from "vitest";
import { compilePlan } from "../../src/plan/compile.ts";
import { comparePlans, describeChange } from "../../src/plan/diff.ts";
import type { Plan } from "../../src/plan/model.ts";
import { stepsOf } from "../../src/plan/steps.ts";
import { renderFiles } from "../../src/render/files.ts";
import type { Topology } from "../../src/topology/topology.ts";
import { fabricOf, without, withNode } from "./topologies.ts";

const small = fabricOf(2, 3, 1);
const large = fabricOf(2, 4, 1);
const compile = (topology: Topology): Plan => compilePlan(topology, { hypervisor: "netns" });

/** Node and segment → action. */
function actions(before: Topology, after: Topology) {
  const { nodes, segments } = comparePlans(compile(before), compile(after));
  return {
    nodes: Object.fromEntries(nodes.map(({ node, action }) => [node, action])),
    segments: Object.fromEntries(segments.map(({ segment, action }) => [segment, action])),
  };
}

test("the same plan is unchanged, also after it was stored", () => {
  const stored: Plan = JSON.parse(JSON.stringify(compile(large)));
  expect(comparePlans(stored, compile(large))).toEqual({ nodes: [], segments: [] });
});

describe("a leaf with its server", () => {
  const touched = {
    spine01: "plug",
    spine02: "plug",
    dhcp01: "files",
  };
  const { tag } = compile(large);

  test("is added without touching its siblings", () => {
    expect(actions(small, large)).toEqual({
      nodes: { ...touched, leaf04: "add", server04: "add" },
      segments: {
        [`${tag}mgmt`]: "adjust",
        [`${tag}sp01lf04`]: "add",
        [`${tag}sp02lf04`]: "add",
        [`${tag}lf04srv04`]: "add",
        [`${tag}lf04srv04a`]: "add",
      },
    });
  });

  test("is removed from the middle without touching its siblings", () => {
    expect(actions(large, without(large, "leaf02", "server02"))).toEqual({
      nodes: { ...touched, leaf02: "remove", server02: "remove" },
      segments: {
        [`${tag}mgmt`]: "adjust",
        [`${tag}sp01lf02`]: "remove",
        [`${tag}sp02lf02`]: "remove",
        [`${tag}lf02srv02`]: "remove",
        [`${tag}lf02srv02a`]: "remove",
      },
    });
  });

  test("says why each neighbour is touched", () => {
    const lines = describeChange(comparePlans(compile(small), compile(large)));
    expect(lines).toContain("leaf04: new");
    expect(lines).toContain("spine01: interface swp6 added");
    expect(lines).toContain("spine01: neighbor swp6 added");
    expect(lines).toContain("dhcp01: DHCP leases changed (files only)");
    expect(lines).toContain(`${tag}mgmt: leaf04:eth0 joins`);
  });
});

test("other timers are a matter of files on every BGP speaker", () => {
  const timers = { ...large.defaults.timers, keepaliveS: 1 };
  const change = comparePlans(compile(large), compile({ ...large, defaults: { ...large.defaults, timers } }));
  expect(change.segments).toEqual([]);
  expect(new Set(change.nodes.map(({ action }) => action))).toEqual(new Set(["files"]));
  expect(describeChange(change)).toContain("leaf01: timers changed (files only)");
  expect(change.nodes.map(({ node }) => node)).not.toContain("laptop");
});

test("another service prefix changes files of servers, leaves and the home router, and no hardware", () => {
  const services = large.services.map((service) => Object.assign({}, service, { prefix: "172.20.0.9/32" }));
  const { nodes, segments } = comparePlans(compile(large), compile({ ...large, services }));
  expect(segments).toEqual([]);
  expect(nodes.every(({ action }) => action === "files")).toBe(true);
  const names = nodes.map(({ node }) => node);
  expect(names).toEqual(expect.arrayContaining(["leaf01", "server04", "router01"]));
  expect(names).not.toContain("spine01");
});

test("another MAC replugs that one port", () => {
  const change = comparePlans(
    compile(large),
    compile(withNode(large, "leaf01", { macs: { swp1: "58:9c:fc:01:53:81" } })),
  );
  expect(change.nodes).toEqual([
    {
      node: "leaf01",
      action: "plug",
      reasons: ["interface swp1 has MAC 58:9c:fc:01:53:81 now"],
      plugged: ["swp1"],
      unplugged: ["swp1"],
    },
  ]);
});

test("another kind rebuilds the node, remakes its links and replugs the other ends", () => {
  const other = withNode(large, "server04", { kind: "debian-frr" });
  const { nodes, segments } = comparePlans(compile(large), compile(other));
  expect(segments.filter(({ action }) => action === "remake").map(({ reasons }) => reasons)).toEqual([
    ["server04 is rebuilt"],
    ["server04 is rebuilt"],
  ]);
  expect(nodes.find(({ node }) => node === "server04")).toMatchObject({
    action: "rebuild",
    reasons: ["kind freebsd-server → debian-frr"],
  });
  expect(nodes.find(({ node }) => node === "leaf04")).toMatchObject({
    action: "plug",
    plugged: ["swp5", "swp6"],
    unplugged: ["swp5", "swp6"],
  });
});

test("a link that moves to another port is made again", () => {
  const links = large.links.map((link) => {
    const [one, other] = link.ends;
    return other.interface === "em1" && other.node === "server04"
      ? { ends: [{ node: one.node, interface: "swp9" }, other] as const }
      : link;
  });
  const { nodes, segments } = comparePlans(compile(large), compile({ ...large, links }));
  expect(segments.map(({ action }) => action)).toEqual(["remake"]);
  expect(nodes.find(({ node }) => node === "leaf04")).toMatchObject({ plugged: ["swp9"], unplugged: ["swp6"] });
  expect(nodes.find(({ node }) => node === "server04")).toMatchObject({ plugged: ["em1"], unplugged: ["em1"] });
});

test("another hypervisor makes everything anew", () => {
  const [before, after] = [compile(large), compilePlan(large, { hypervisor: "vm-bhyve" })];
  const { nodes, segments } = comparePlans(before, after);
  expect(nodes.map(({ node, action }) => [node, action])).toEqual(after.nodes.map(({ name }) => [name, "rebuild"]));
  expect(segments.map(({ segment, action }) => [segment, action])).toEqual(
    after.segments.map(({ name }) => [name, "remake"]),
  );
});

test("steps go from the sandbox over segments to guests, without the hypervisor itself", () => {
  const ids = stepsOf(compilePlan({ ...small, name: "anycast" }, { hypervisor: "netns" })).map(({ id }) => id);
  expect(ids[0]).toBe("sandbox");
  expect(ids).toContain("segment:lan");
  expect(ids.at(-1)).toBe("guest:dhcp01");
  expect(ids).not.toContain("guest:hypervisor");
  expect(ids.findIndex((id) => id.startsWith("guest:"))).toBeGreaterThan(
    ids.findLastIndex((id) => id.startsWith("segment:")),
  );
});

describe("every file that differs is on a node that the comparison names", () => {
  const given: Readonly<Record<string, Partial<Topology>>> = {
    "a leaf less": without(large, "leaf02", "server02"),
    "a leaf more": fabricOf(2, 5, 1),
    "a spine more": fabricOf(3, 4, 1),
    "two servers on each leaf": fabricOf(2, 4, 2),
    "another MTU": { defaults: { ...large.defaults, mtu: 1500 } },
    "other loopbacks": { defaults: { ...large.defaults, loopbacks: "10.101.0.0/22" } },
    "another management network": { defaults: { ...large.defaults, management: "100.65.0.0/20" } },
    "another VNI": { vlans: large.vlans.map((vlan) => Object.assign({}, vlan, { vni: 777 })) },
    "another gateway": { vlans: large.vlans.map((vlan) => Object.assign({}, vlan, { gateway: "172.16.0.9" })) },
    "another LAN": { networks: large.networks.map((lan) => Object.assign({}, lan, { subnet: "192.168.11.0/24" })) },
    "another port": { services: large.services.map((service) => Object.assign({}, service, { port: 8080 })) },
    "another service": {
      services: [...large.services, { name: "dns", prefix: "172.20.0.2/32", servers: [], port: 53 }],
    },
    "another AS": withNode(large, "leaf01", { asn: 65222 }),
    "another router id": withNode(large, "leaf01", { loopback: "10.100.2.2" }),
  };
  test.each(Object.entries(given))("%s", (_title, difference) => {
    const [before, after] = [compile(large), compile({ ...large, ...difference })];
    const named = new Set(comparePlans(before, after).nodes.map(({ node }) => node));
    const [old, now] = [textsOf(before), textsOf(after)];
    const differing = [...new Set([...old.keys(), ...now.keys()])].filter((file) => old.get(file) !== now.get(file));
    expect(differing.length).toBeGreaterThan(0);
    expect(differing.filter((file) => !named.has(file.split(":")[0] ?? ""))).toEqual([]);
  });
});

/** `node:path` → text of every rendered file. */
function textsOf(plan: Plan): ReadonlyMap<string, string> {
  return new Map(renderFiles(plan).map(({ node, path, text }) => [`${node}:${path}`, text]));
}
