/** Writes a topology of any size, in the style of the shipped ones: ordinary YAML to read and change. */
import { UsageError } from "../errors.ts";
import { countAddresses } from "./ipv4.ts";
import { checkLabName } from "./lab-name.ts";

/** A lab's name and its numbers of nodes. */
export interface Size {
  readonly name: string;
  /** 1 to 16. */
  readonly spines: number;
  /** 1 to 128. */
  readonly leaves: number;
  /** Servers per leaf, 1 to 8. */
  readonly servers: number;
  /** Address of the JSON Schema, for editors; none is named where absent. */
  readonly schema?: string;
}

const most = { spines: 16, leaves: 128, servers: 8 } as const;

/**
 * The text of a `*.lab.yaml` file that parses without a problem.
 * @throws UsageError when a number is out of range or the name is not a name
 */
export function generateTopology(size: Size): string {
  checkSize(size);
  const spines = names("spine", size.spines);
  const leaves = names("leaf", size.leaves);
  const servers = names("server", size.leaves * size.servers);
  return [
    ...(size.schema === undefined ? [] : [`# yaml-language-server: $schema=${size.schema}`]),
    `# ${say(size.spines, "spine", "spines")}, ${say(size.leaves, "leaf", "leaves")}, ${say(size.servers, "server", "servers")} behind each leaf; all servers share one address.`,
    `name: ${size.name}`,
    "nodes:",
    ...spines.map((name) => `  ${name}: spine`),
    ...leaves.map((name) => `  ${name}: leaf`),
    ...servers.map((name) => `  ${name}: server`),
    ...outside,
    "links:",
    ...linkEdge(spines),
    ...linkTiers(spines, leaves),
    ...linkServers(size, leaves, servers),
    "networks:",
    "  lan:",
    "    subnet: 192.168.10.0/24",
    "    members: { router01:eth1: 254, laptop:eth1: 10, hypervisor: 20, fileserver:eth1: 30, dhcp01:eth1: 5 }",
    "vlans:",
    `  vlan100: { id: 100, vni: 10100, subnet: ${vlanSubnet(servers.length)}, gateway: 172.16.0.1, dhcp: dhcp01 }`,
    "anycast:",
    "  web: 172.20.0.1/32",
    "",
  ].join("\n");
}

/** The world around the fabric, the same for every size. */
const outside = [
  "  edge01: edge",
  "  router01: router",
  "  laptop: client",
  "  hypervisor: { role: client, kind: hypervisor }",
  "  fileserver: client",
  "  dhcp01: dhcp",
];

function checkSize(size: Size): void {
  checkLabName(size.name);
  for (const part of ["spines", "leaves", "servers"] as const) {
    const number = size[part];
    if (Number.isInteger(number) && number >= 1 && number <= most[part]) continue;
    throw new UsageError({
      code: "E_LAB_SIZE",
      message: `a lab cannot have ${number} ${part}${part === "servers" ? " per leaf" : ""}`,
      hint: `From 1 to ${most[part]}`,
    });
  }
}

/** `leaf01` … `leaf99`, but `leaf001` … `leaf128`: names sort as their numbers do. */
function names(stem: string, count: number): readonly string[] {
  const width = Math.max(2, String(count).length);
  return Array.from({ length: count }, (_, index) => `${stem}${String(index + 1).padStart(width, "0")}`);
}

function say(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Port 1 of every spine goes to the edge; port 2 is spare. */
function linkEdge(spines: readonly string[]): readonly string[] {
  return [
    "  # The way out: home router, edge, spines",
    "  - { ends: [router01:eth2, edge01:swp1], subnet: 10.200.0.0/30 }",
    ...spines.map(
      (spine, index) => `  - { ends: [${spine}:swp1, edge01:swp${index + 2}], subnet: 10.0.${index + 3}.0/30 }`,
    ),
  ];
}

function linkTiers(spines: readonly string[], leaves: readonly string[]): readonly string[] {
  return [
    "  # Every leaf to every spine, BGP unnumbered",
    ...spines.flatMap((spine, uplink) =>
      leaves.map((leaf, index) => `  - [${spine}:swp${index + 3}, ${leaf}:swp${uplink + 1}]`),
    ),
  ];
}

/** Two ports for each server, after the uplinks: from swp5, as in the reference, unless there are more spines. */
function linkServers(size: Size, leaves: readonly string[], servers: readonly string[]): readonly string[] {
  const first = Math.max(5, size.spines + 1);
  const lines = leaves.flatMap((leaf, index) =>
    servers.slice(index * size.servers, (index + 1) * size.servers).flatMap((server, place) => {
      const port = first + 2 * place;
      return [`  - [${leaf}:swp${port}, ${server}:em0]`, `  - [${leaf}:swp${port + 1}, ${server}:em1]`];
    }),
  );
  return ["  # Every server twice to its leaf: first VLAN 100 for its identity by DHCP, then BGP unnumbered", ...lines];
}

/** Server N is host 100 + N: a /24 has room for 154 servers, after that the subnet grows. */
function vlanSubnet(servers: number): string {
  const length = [24, 23, 22, 21].find((size) => 100 + servers <= countAddresses({ address: 0, length: size }) - 2);
  return `172.16.0.0/${length ?? 20}`;
}
