import { assert, constantFrom, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { linkBatch, presentSegments, unlinkBatches } from "../../src/drivers/netns/links.ts";
import type { End, Plan } from "../../src/plan/model.ts";
import { stepsOf } from "../../src/plan/steps.ts";
import type { Topology } from "../../src/topology/topology.ts";
import { fabricOf, network } from "../plan/topologies.ts";
import { duo, onNetns } from "../render/topologies.ts";

const allPorts = ({ nodes }: Plan): End[] =>
  nodes
    .filter(({ guest }) => guest.os !== "host")
    .flatMap(({ name, interfaces }) => interfaces.map((port) => ({ node: name, interface: port.name })));
const batchOf = (plan: Plan) => linkBatch(plan, stepsOf(plan), allPorts(plan));

/** Devices that a batch makes, each with the namespace it ends up in; the sandbox's own is "". */
function devicesOf(batch: string): string[] {
  return batch.split("\n").flatMap((line) => {
    if (!line.startsWith("link add")) return [];
    const ends = line.split(" type veth peer ");
    return ends.map((end) => `${/netns (\S+)/.exec(end)?.[1] ?? ""}:${/name (\S+)/.exec(end)?.[1]}`);
  });
}

const bridgesOf = (topology: Topology) => devicesOf(batchOf(onNetns(topology))).filter((one) => /^:[^p]/.test(one));

describe("links", () => {
  it("have names that the kernel takes, and no two the same in one place, for any fabric", () => {
    const sizes = record({
      spines: integer({ min: 1, max: 16 }),
      leaves: integer({ min: 1, max: 32 }),
      servers: integer({ min: 0, max: 4 }),
    });
    const names = constantFrom("anycast", "duo", "a-much-longer-name", "x9");
    assert(
      property(sizes, names, ({ spines, leaves, servers }, name) => {
        const devices = devicesOf(batchOf(onNetns(fabricOf(spines, leaves, servers, name))));
        expect(new Set(devices).size).toBe(devices.length);
        expect(devices.filter((device) => (device.split(":")[1] ?? "").length > 15)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it.each(["lo", "lan0", "ab", "abcdefghijkl"])("make do with a network called %s", (name) => {
    const fabric = fabricOf(1, 1, 1, "anycast");
    const other = network(name, "192.168.77.0/24", { "laptop:eth2": 10, "dhcp01:eth2": 11 });
    const devices = devicesOf(batchOf(onNetns({ ...fabric, networks: [...fabric.networks, other] })));
    expect(devices).not.toContain(":lo");
    expect(new Set(devices).size).toBe(devices.length);
  });

  it("of a network keep their bridge in every plan that has the network", () => {
    const fabric = fabricOf(1, 1, 1);
    const more = {
      ...fabric,
      networks: [network("first", "192.168.77.0/24", { "laptop:eth2": 10 }), ...fabric.networks],
    };
    expect(bridgesOf(more)).toEqual(expect.arrayContaining(bridgesOf(fabric)));
  });

  it("that are all there make a segment present, one that lacks an end does not", () => {
    const plan = onNetns(duo);
    const bridges = new Set(devicesOf(batchOf(plan)).map((device) => device.slice(1)));
    const names = plan.segments.map(({ name }) => name);
    expect(presentSegments(plan, allPorts(plan), bridges)).toEqual(names);
    const cut = allPorts(plan).filter((port) => port.node !== "server01" || port.interface !== "em1");
    expect(names.filter((name) => !presentSegments(plan, cut, bridges).includes(name))).toHaveLength(1);
    expect(presentSegments(plan, allPorts(plan), new Set())).toEqual(
      names.filter((_, index) => plan.segments[index]?.kind === "link"),
    );
  });

  it("of a bridge that is made anew take back the members that are there", () => {
    const plan = onNetns(duo);
    const lan = plan.segments.find(({ kind }) => kind === "network")?.name ?? "";
    const batch = linkBatch(plan, [{ id: `segment:${lan}`, kind: "segment", segment: lan }], []);
    expect(batch.split("\n").filter((line) => line.includes(`master ${lan} up`))).toHaveLength(3);
    expect(batch).not.toContain("veth");
  });

  it("are none for nothing", () => {
    expect(linkBatch(onNetns(duo), [], [])).toBe("");
  });
});

const guest = (node: string) => ({ id: `guest:${node}`, kind: "guest" as const, node });

describe("pulling out", () => {
  const plan = onNetns(duo);

  it("clears what a stopped guest was plugged into, in each place, since its own end outlives it", () => {
    expect(unlinkBatches({ plan, steps: [guest("leaf01")], ports: [], routes: [] })).toEqual([
      { devices: [expect.any(String)], batch: expect.stringMatching(/^link delete p[0-9a-f]{8}\n$/) as string },
      { guest: "spine01", devices: ["swp3"], batch: "link delete swp3\n" },
      { guest: "server01", devices: ["em0", "em1"], batch: "link delete em0\nlink delete em1\n" },
    ]);
  });

  it("names no guest that is gone, and nothing twice", () => {
    const ports = [
      { node: "spine01", interface: "swp3" },
      { node: "leaf01", interface: "swp1" },
    ];
    const batches = unlinkBatches({ plan, steps: [guest("leaf01"), guest("server01")], ports, routes: [] });
    expect(batches.map(({ guest: place }) => place)).toEqual([undefined, "spine01"]);
    expect(batches[1]?.devices).toEqual(["swp3"]);
  });

  it("leaves no bridge of a network that is gone", () => {
    const lan = plan.segments.find(({ kind }) => kind === "network")?.name ?? "";
    const removal = { plan, steps: [{ id: "", kind: "segment" as const, segment: lan }], ports: [], routes: [] };
    expect(unlinkBatches(removal)).toEqual([{ devices: [lan], batch: `link delete ${lan}\n` }]);
  });
});
