import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { compilePlan } from "../../src/plan/compile.ts";
import type { Plan } from "../../src/plan/model.ts";
import { numberOfTag, tagOf } from "../../src/plan/names.ts";
import { mostLabName } from "../../src/topology/lab-name.ts";
import { containsAddress, overlaps, subnetOf } from "../../src/topology/ipv4.ts";
import type { Topology } from "../../src/topology/topology.ts";
import { anycast, duo } from "../render/topologies.ts";
import { network } from "./topologies.ts";

const planOf = (topology: Topology, lab = topology.name, hypervisor: Plan["hypervisor"] = "vm-bhyve") =>
  compilePlan(topology, { hypervisor, lab });
const labNames = fc.stringMatching(new RegExp(`^[a-z][a-z0-9]{0,${mostLabName - 1}}$`));
const managementOf = (topology: Topology, lab: string) => planOf(topology, lab).management.subnet;
const withNetworks = (...subnets: readonly string[]): Topology => ({
  ...duo,
  networks: [...duo.networks, ...subnets.map((subnet, index) => network(`extra${index}`, subnet, {}))],
});

/** By node, of its management address. */
const lastBytes = (plan: Plan) =>
  plan.nodes.flatMap(({ name, reach }) =>
    reach.via === "management" ? [[name, reach.address.split(".").at(-1)]] : [],
  );

describe("the management network of a lab on a shared host", () => {
  it("is the article's for the default lab, and whatever the file says for any", () => {
    expect(managementOf(anycast, "anycast")).toBe("100.64.0.0/20");
    const given: Topology = { ...duo, defaults: { ...duo.defaults, management: "10.9.0.0/24", givenManagement: true } };
    expect(planOf(given).management).toEqual({ subnet: "10.9.0.0/24", host: "10.9.0.1/24" });
  });

  it("is apart from that of every lab with another tag, the default lab included", () => {
    fc.assert(
      fc.property(labNames, labNames, (one, other) => {
        fc.pre(tagOf(one) !== tagOf(other));
        expect(overlaps(subnetOf(managementOf(duo, one)), subnetOf(managementOf(duo, other)))).toBe(false);
      }),
    );
  });

  it("is a /20 of RFC 6598's block, the same for the same name", () => {
    fc.assert(
      fc.property(labNames, (lab) => {
        const subnet = managementOf(duo, lab);
        expect(subnet).toBe(managementOf(duo, lab));
        expect(subnet).toMatch(/\/20$/);
        return overlaps(subnetOf(subnet), subnetOf("100.64.0.0/10"));
      }),
    );
  });

  it("passes over what the topology itself has there", () => {
    const slices = fc
      .integer({ min: 1, max: 1023 })
      .map((index) => `100.${64 + (index >> 4)}.${(index & 15) << 4}.0/20`);
    fc.assert(
      fc.property(labNames, fc.uniqueArray(slices, { maxLength: 30 }), (lab, subnets) => {
        const [usual, moved] = [managementOf(duo, lab), managementOf(withNetworks(...subnets), lab)];
        expect(subnets.includes(moved)).toBe(false);
        return subnets.includes(usual) || moved === usual;
      }),
    );
    const usual = managementOf(duo, "duo");
    expect(managementOf(withNetworks(usual), "duo")).not.toBe(usual);
  });

  it("holds the addresses of all its nodes, by the same rule in each", () => {
    const plan = planOf(duo);
    const subnet = subnetOf(plan.management.subnet);
    const addresses = plan.nodes.flatMap(({ reach }) => (reach.via === "management" ? [reach.address] : []));
    expect(addresses.length).toBe(4);
    for (const address of addresses) expect(containsAddress(subnet, subnetOf(`${address}/32`).address)).toBe(true);
  });

  test("tags have numbers of their own", () => {
    const tags = Array.from({ length: 360 }, (_, number) => `${number % 10}${Math.floor(number / 10).toString(36)}`);
    expect(tags.map(numberOfTag)).toEqual(tags.map((_, number) => number));
  });
});

describe("the client that is the hypervisor", () => {
  it("is in the lab that the file names, and not in a copy under another name; all others are as they were", () => {
    const [own, copy] = [planOf(anycast), planOf(anycast, "second")];
    expect(own.leftOut).toBeUndefined();
    expect(copy.leftOut).toMatchObject([{ node: "hypervisor", why: expect.stringContaining("anycast") as string }]);
    const names = own.nodes.map(({ name }) => name);
    expect(copy.nodes.map(({ name }) => name)).toEqual(names.filter((name) => name !== "hypervisor"));
    expect(copy.segments.flatMap(({ ends }) => ends).filter(({ node }) => node === "hypervisor")).toEqual([]);
    // Another client with a management port stands in where servers are reached in band.
    const server = copy.nodes.find(({ name }) => name === "server01");
    expect(server?.reach).toEqual({ via: "in-band", address: "172.16.0.101", from: "laptop" });
    expect(lastBytes(copy)).toEqual(lastBytes(own).filter(([name]) => name !== "hypervisor"));
  });

  it("stays where nobody can stand in for it", () => {
    const nodes = anycast.nodes.filter(({ role, kind }) => role !== "client" || kind === "hypervisor");
    expect(planOf({ ...anycast, nodes, networks: [] }, "second").leftOut).toBeUndefined();
  });
});

it("a sandbox is nobody else's: nothing of this on netns", () => {
  const [own, copy] = [planOf(anycast, "anycast", "netns"), planOf(anycast, "second", "netns")];
  expect(copy.management).toEqual(own.management);
  expect(copy.nodes.map(({ name }) => name)).toEqual(own.nodes.map(({ name }) => name));
});
