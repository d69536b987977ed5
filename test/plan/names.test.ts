import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { abbreviateNodes, bridgeTag, guestName, nameSegments, tagOf } from "../../src/plan/names.ts";
import type { Topology } from "../../src/topology/topology.ts";
import { fabricOf, link, network, node } from "./topologies.ts";

function namesOf(nodes: Topology["nodes"], ends: readonly string[], tag = "", networks: readonly string[] = []) {
  const topology: Topology = {
    ...fabricOf(1, 1, 1),
    nodes,
    links: ends.map((each) => link(each)),
    networks: networks.map((name) => network(name, "192.168.10.0/24", {})),
  };
  return nameSegments(topology, tag);
}

const nodes = [
  node("spine01", "spine"),
  node("leaf01", "leaf"),
  node("leaf02", "leaf"),
  node("server01", "server"),
  node("edge01", "edge"),
  node("router01", "router"),
];

describe("a link is named upper layer first", () => {
  test.each([
    ["server01:em0 leaf01:swp5", "lf01-srv01"],
    ["leaf01:swp1 spine01:swp3", "sp01-lf01"],
    ["spine01:swp1 edge01:swp2", "ed01-sp01"],
    ["edge01:swp1 router01:eth2", "rt01-ed01"],
    ["leaf02:swp9 leaf01:swp9", "lf01-lf02"],
  ])("%s is %s", (ends, name) => {
    expect(namesOf(nodes, [ends]).links).toEqual([name]);
  });

  test("parallel links get letters from the second on", () => {
    const ends = Array.from({ length: 4 }, (_, index) => `leaf01:swp${index + 5} server01:em${index}`);
    expect(namesOf(nodes, ends).links).toEqual(["lf01-srv01", "lf01-srv01a", "lf01-srv01b", "lf01-srv01c"]);
    const many = Array.from({ length: 60 }, (_, index) => `leaf01:swp${index} leaf02:swp${index}`);
    expect(new Set(namesOf(nodes, many).links).size).toBe(60);
  });
});

describe("abbreviations", () => {
  test("go to nodes called after their role first, whatever the order", () => {
    const short = abbreviateNodes([node("tor01", "leaf"), node("tor02", "leaf"), node("leaf01", "leaf")]);
    expect(short.get("leaf01")).toBe("lf01");
    expect(short.get("tor02")).toBe("lf02");
    expect(short.get("tor01")).toMatch(/^lf[0-9a-z]{3}$/);
  });

  test("are unique and short for names of any shape", () => {
    const odd = ["laptop", "fileserver", "pod1-leaf1", "pod2-leaf1", "leaf1", "leaf01", "x", "leaf123456789"];
    const short = abbreviateNodes(odd.map((name) => node(name, "leaf")));
    expect(new Set(short.values()).size).toBe(odd.length);
    for (const name of short.values()) expect(name).toMatch(/^lf[0-9a-z]{1,4}$/);
  });
});

describe("other labs", () => {
  test("have a tag that no name of the default lab begins with", () => {
    expect(tagOf("anycast")).toBe("");
    for (const lab of ["duo", "anycast2", "anycast-dense", "x"]) expect(tagOf(lab)).toMatch(/^[0-9][0-9a-z]$/);
    expect(tagOf("duo")).not.toBe(tagOf("anycast-dense"));
  });

  test("keep segment names within 12 characters and guests recognisable", () => {
    const { links, networks, management } = namesOf(
      nodes,
      ["leaf01:swp5 server01:em0", "leaf01:swp6 server01:em1"],
      "4x",
      ["lan"],
    );
    expect([...links, ...networks, management]).toEqual(["4xlf01srv01", "4xlf01srv01a", "4xlan", "4xmgmt"]);
    expect([guestName("", "leaf01"), guestName("4x", "leaf01")]).toEqual(["leaf01", "4x-leaf01"]);
  });
});

const twice = (leaf: string, server: string) => [`${leaf}:swp5 ${server}:em0`, `${leaf}:swp6 ${server}:em1`];

describe("bridge tags", () => {
  const colliding = ["lf01-srv18a", "lf06-srv46a"];
  const far = ["leaf01", "leaf06", "server18", "server46"].map((name) =>
    node(name, name.startsWith("leaf") ? "leaf" : "server"),
  );
  test("that two links of a lab would share make the later one's name another, the same each time", () => {
    expect(colliding.map(bridgeTag)).toEqual(["48e16", "48e16"]);
    const ends = [...twice("leaf01", "server18"), ...twice("leaf06", "server46")];
    const { links } = namesOf(far, ends);
    expect(links.slice(0, 3)).toEqual(["lf01-srv18", "lf01-srv18a", "lf06-srv46"]);
    expect(links[3]).toMatch(/^lf06-srv4[0-9a-z]{3}$/);
    expect(new Set(links.map(bridgeTag)).size).toBe(4);
    expect(namesOf(far, ends).links).toEqual(links);
    // On its own it has the name that it would have had.
    expect(namesOf(far, twice("leaf06", "server46")).links[1]).toBe("lf06-srv46a");
  });

  test("are apart in fabrics of any size, under any name", () => {
    const size = fc.record({ spines: fc.integer({ min: 1, max: 4 }), leaves: fc.integer({ min: 1, max: 40 }) });
    fc.assert(
      fc.property(size, fc.integer({ min: 1, max: 8 }), fc.constantFrom("", "4x", "0a"), (of, servers, tag) => {
        const { links, networks, management } = nameSegments(fabricOf(of.spines, of.leaves, servers), tag);
        const names = [...links, ...networks, management];
        expect(new Set(names.map(bridgeTag)).size).toBe(names.length);
        expect(new Set(names).size).toBe(names.length);
      }),
      { numRuns: 40 },
    );
  });
});

describe("networks", () => {
  test("never take a name that is in use, too short, or a link's part before the hyphen", () => {
    const { networks, management } = namesOf(nodes, ["leaf01:swp5 server01:em0"], "", [
      "lf01",
      "mgmt",
      "a",
      "lan-b",
      "lanb",
    ]);
    expect(management).toBe("mgmt");
    expect(networks[0]).toMatch(/^lf01[0-9a-z]{3}$/);
    expect(networks[1]).toMatch(/^mgmt[0-9a-z]{3}$/);
    expect(networks[2]).toMatch(/^a[0-9a-z]{3}$/);
    expect(networks[3]).toBe("lanb");
    expect(networks[4]).toMatch(/^lanb[0-9a-z]{3}$/);
  });
});
