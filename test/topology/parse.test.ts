import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { TopologyError } from "../../src/errors.ts";
import { parseTopology } from "../../src/topology/parse.ts";

const shipped = new URL("../../topologies/", import.meta.url);
const duo = readFileSync(new URL("duo.lab.yaml", shipped), "utf8");

function edit(...edits: readonly (readonly [string, string])[]): string {
  return edits.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  }, duo);
}

function problemsOf(text: string) {
  try {
    parseTopology(text, "x.lab.yaml");
  } catch (error) {
    if (error instanceof TopologyError) return error.problems;
    throw error;
  }
  return [];
}

describe("shipped topologies", () => {
  test.each(readdirSync(shipped).filter((file) => file.endsWith(".lab.yaml")))("%s is valid", (file) => {
    expect(problemsOf(readFileSync(new URL(file, shipped), "utf8"))).toEqual([]);
  });

  test("duo stays under 30 lines", () => {
    expect(duo.trimEnd().split("\n").length).toBeLessThan(30);
  });

  test("the example in the README is valid and uses every section", () => {
    const readme = readFileSync(new URL("README.md", shipped), "utf8");
    const example = /```yaml\n(?<text>.*?)```/su.exec(readme)?.groups?.["text"] ?? "";
    expect(problemsOf(example)).toEqual([]);
    expect(Object.keys(parseTopology(example, "README.md")).toSorted()).toEqual([
      "defaults",
      "hypervisor",
      "links",
      "name",
      "networks",
      "nodes",
      "services",
      "vlans",
    ]);
  });
});

describe("short forms", () => {
  test("duo is spelled out", () => {
    expect(parseTopology(duo, "duo.lab.yaml")).toMatchSnapshot();
  });

  test("the first link of a server is in the first VLAN, every further one is not", () => {
    const text = edit(
      [
        "  - [leaf01:swp6, server01:em1]",
        "  - [leaf01:swp6, server01:em1]\n  - [leaf02:swp6, server01:em2]\n  - [spine01:swp4, leaf02:swp1]",
      ],
      ["  leaf01: leaf", "  leaf01: leaf\n  leaf02: leaf"],
    );
    const vlans = parseTopology(text, "x").links.map((link) => link.vlan);
    expect(vlans).toEqual([undefined, "vlan100", undefined, undefined, undefined]);
  });

  test("a VLAN that is written on a later link leaves the first one to BGP", () => {
    const text = edit(["[leaf01:swp6, server01:em1]", "{ ends: [leaf01:swp6, server01:em1], vlan: vlan100 }"]);
    const vlans = parseTopology(text, "x").links.map((link) => link.vlan);
    expect(vlans).toEqual([undefined, undefined, "vlan100"]);
  });

  test("a member without interface gets the first port that nobody else has", () => {
    const text = edit(
      ["laptop: 10", "laptop: 10, desktop:eth1: 11"],
      ["  laptop: client", "  laptop: client\n  desktop: client"],
      ["vlans:", "  lab: { subnet: 192.168.11.0/24, members: [spine01, desktop, laptop] }\nvlans:"],
    );
    const [lan, lab] = parseTopology(text, "x").networks;
    expect(lan?.members.map((member) => member.interface)).toEqual(["swp1", "eth1", "eth1", "eth1"]);
    expect(lab?.members).toEqual([
      { node: "spine01", interface: "swp2", host: 1 },
      { node: "desktop", interface: "eth2", host: 2 },
      { node: "laptop", interface: "eth2", host: 3 },
    ]);
  });

  test.each([
    ["asn: 65201", 65_201],
    ['asn: "65000.10"', 4_259_840_010],
    ["asn: 4294967294", 4_294_967_294],
  ])("%s is read", (asn, expected) => {
    const text = edit(["leaf01: leaf", `leaf01: { role: leaf, ${asn} }`]);
    expect(parseTopology(text, "x").nodes.find((node) => node.name === "leaf01")?.asn).toBe(expected);
  });

  test("kinds come from the node, else from defaults, else from the role", () => {
    const text = edit(
      ["name: duo", "name: duo\ndefaults: { kinds: { leaf: cumulus-vx, spine: cumulus-vx } }"],
      ["spine01: spine", "spine01: { role: spine, kind: debian-frr }"],
    );
    const kinds = parseTopology(text, "x").nodes.map((node) => node.kind);
    expect(kinds).toEqual(["debian-frr", "cumulus-vx", "freebsd-server", "debian-host", "debian-host"]);
  });
});

describe("text", () => {
  test("a byte order mark at the start and Windows line ends change nothing", () => {
    const windows = `\ufeff${duo.replaceAll("\n", "\r\n")}`;
    expect(parseTopology(windows, "x")).toEqual(parseTopology(duo, "x"));
  });

  test("places are right after a byte order mark and Windows line ends", () => {
    const text = `\ufeffnam: duo\r\n${duo.replaceAll("\n", "\r\n").replace("server01:em1", "server1:em1")}`;
    const places = problemsOf(text).map(({ line, column }) => [line, column]);
    expect(places).toEqual([
      [1, 1],
      [14, 19],
    ]);
  });

  test("names of object properties are ordinary names", () => {
    const text = edit(["laptop: client", "constructor: client"], ["laptop: 10", "constructor: 10"]);
    expect(parseTopology(text, "x").nodes.map((node) => node.name)).toContain("constructor");
  });

  test("problems come in the order of the file", () => {
    const text = edit(["name: duo", "name: Duo"], ["id: 100", "id: 5000"], ["leaf01: leaf", "leaf01: laef"]);
    expect(problemsOf(text).map(({ line }) => line)).toEqual([3, 6, 17]);
  });

  test("after a hundred problems it is enough", () => {
    const many = Array.from({ length: 500 }, (_, index) => `  client${index}: klient`).join("\n");
    const problems = problemsOf(edit(["  laptop: client", `  laptop: client\n${many}`]));
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)?.message).toBe("there are more problems from here on");
  });
});
