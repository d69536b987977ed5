import { expect, test } from "vitest";
import { compilePlan } from "../../src/plan/compile.ts";
import { TopologyError } from "../../src/errors.ts";
import { parseTopology } from "../../src/topology/parse.ts";

/** A small fabric whose edges have these names, and whose spine this AS number. */
function fabric(edges: readonly string[], spine = 65100): string {
  return [
    "name: edges",
    `nodes: { spine01: { role: spine, asn: ${spine} }, leaf01: leaf, server01: server, laptop: client, dhcp01: dhcp,`,
    `  ${edges.map((name) => `${name}: edge`).join(", ")} }`,
    "links:",
    ...edges.map((name, index) => `- { ends: [spine01:swp${index + 9}, ${name}:swp1], subnet: 10.0.${index}.0/30 }`),
    "- [spine01:swp3, leaf01:swp1]",
    "- [leaf01:swp5, server01:em0]",
    "- [leaf01:swp6, server01:em1]",
    `networks: { lan: { subnet: 192.168.10.0/24, members: [${edges[0]}:swp2, laptop, dhcp01] } }`,
    "vlans: { vlan100: { id: 100, vni: 10100, subnet: 172.16.0.0/24, dhcp: dhcp01 } }",
    "anycast: { web: 172.20.0.1/32 }",
    "",
  ].join("\n");
}

function asnsOf(text: string): Readonly<Record<string, number | undefined>> {
  const plan = compilePlan(parseTopology(text, "x.lab.yaml"), { hypervisor: "netns" });
  const edges = plan.nodes.filter(({ role }) => role === "edge");
  return Object.fromEntries(edges.map(({ name, bgp }) => [name, bgp?.asn]));
}

test.each([
  [["north", "south"], 65100, { north: 65000, south: 65001 }],
  [["edge10101"], 65100, { edge10101: 65000 }],
  [["edge01", "edge0002"], 65002, { edge01: 65000, edge0002: 65001 }],
])("the edges %j beside spines of %i are accepted with the numbers that the plan gives them", (edges, spine, asns) => {
  expect(asnsOf(fabric(edges, spine))).toEqual(asns);
});

test.each([
  [["north", "south"], 65001, "south has the AS number 65001 of the spines"],
  [["edge101"], 65100, "edge101 has the AS number 65100 of the spines"],
  [["edge301"], 65100, "edge301 has the AS number 65300 of the servers"],
  [["edge536"], 65100, "AS number 65535 is reserved and never a router's own"],
])("the edges %j beside spines of %i are refused", (edges, spine, message) => {
  const parse = () => parseTopology(fabric(edges, spine), "x.lab.yaml");
  expect(parse).toThrow(TopologyError);
  expect(parse).toThrow(message);
});
