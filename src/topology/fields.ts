/** The fields of a topology file: words, numbers and addresses, each with what it is called, means and looks like. */
import { z } from "zod";
import { kinds } from "../kinds/registry.ts";
import * as spelling from "./spelling.ts";

/** Tells what is wrong with a text instead of showing the pattern it does not match. */
function because(fault: (text: string) => string) {
  return { error: ({ input }: { input?: unknown }) => (typeof input === "string" ? fault(input) : undefined) };
}

/** The schema of a word of at most `most` characters; `title` is what error texts call it. */
export function name(title: string, most: number, example: string): z.ZodString {
  const fault = because((text) => spelling.faultOfName(text, most));
  return z
    .string()
    .regex(spelling.namePattern, { ...fault, abort: true })
    .max(most, fault)
    .meta({ title, examples: [example], description: "Small letters, digits and single hyphens" });
}

/** Host names and inventory names; longer ones would not fit beside others in a table. */
const mostNodeName = 32;

export const nodeName = name("node name", mostNodeName, "leaf01");
export const vlanName = name("VLAN name", 32, "vlan100");
export const ipv4 = (example: string) =>
  z.ipv4(because(spelling.faultOfAddress)).meta({ title: "IPv4 address", examples: [example] });
export const cidr = (example: string) =>
  z
    .cidrv4(because(spelling.faultOfSubnet))
    .meta({ title: "IPv4 subnet", description: "A network address and its prefix length", examples: [example] });
export const mac = z
  .string()
  .regex(spelling.macPattern, because(spelling.faultOfMac))
  .meta({ title: "MAC address", examples: ["58:9c:fc:00:5e:43"] });
export const port = z
  .string()
  .regex(spelling.interfacePattern, because(spelling.faultOfInterface))
  .meta({ title: "interface name", examples: ["swp1"] });

export const asn = z
  .union([
    z.int().min(1).max(4_294_967_294),
    z.string().regex(spelling.asdotPattern, because(spelling.faultOfAsdot)).meta({ title: "AS number" }),
  ])
  .meta({
    title: "AS number",
    description: "1 to 4294967294, or two numbers with a dot in quotes; derived from the role if absent",
    examples: [65_201, "65000.1"],
  });

export const end = z
  .string()
  .regex(spelling.endPattern, { ...because((text) => spelling.faultOfEnd(text, mostNodeName)), abort: true })
  .max(
    mostNodeName + 16,
    because((text) => spelling.faultOfEnd(text, mostNodeName)),
  )
  .meta({ title: "link end", description: "node:interface", examples: ["leaf01:swp6"] });
export const ends = z
  .tuple([end, end])
  .meta({ title: "pair of ends", description: "Two ends", examples: [["leaf01:swp6", "server01:em1"]] });
export const member = z
  .string()
  .regex(
    spelling.memberPattern,
    because((text) => spelling.faultOfMember(text, mostNodeName)),
  )
  .meta({
    title: "network member",
    description: "node, or node:interface; the first free interface if absent",
    examples: ["laptop"],
  });
export const mtu = z
  .int()
  .min(1280)
  .max(9216)
  .meta({ title: "MTU", examples: [9216] });

export const role = z
  .enum(["spine", "leaf", "server", "edge", "router", "client", "dhcp"])
  .meta({ title: "role", description: "What the node does in the fabric", examples: ["leaf"] });
const [firstKind, ...otherKinds] = kinds.map((kind) => kind.name);
export const kind = z.enum([firstKind ?? "", ...otherKinds]).meta({
  title: "kind",
  description: `What the node is: ${kinds.map(({ name: word, summary }) => `${word} (${summary})`).join("; ")}`,
  examples: ["debian-frr"],
});

export const prefix = z
  .cidrv4(because(spelling.faultOfSubnet))
  .meta({ title: "host route", description: "One address, as a /32", examples: ["172.20.0.1/32"] });

export const seconds = (title: string, least: number, most: number, usual: number) =>
  z
    .int()
    .min(least)
    .max(most)
    .optional()
    .meta({ title, description: `In seconds, ${usual} if absent`, examples: [usual] });
export const milliseconds = (title: string) =>
  z
    .int()
    .min(10)
    .max(60_000)
    .optional()
    .meta({ title, description: "In milliseconds, 300 if absent", examples: [300] });
