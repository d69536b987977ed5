/**
 * What a user may write in a `*.lab.yaml` file. Titles, descriptions and examples are the reference: the JSON Schema for
 * editors, the error texts and the docs all come from here. No transforms: the schema describes the file as written.
 */
import { z } from "zod";
import {
  asn,
  cidr,
  ends,
  ipv4,
  kind,
  mac,
  member,
  milliseconds,
  mtu,
  name,
  nodeName,
  port,
  prefix,
  role,
  seconds,
  vlanName,
} from "./fields.ts";
import { mostLabName } from "./lab-name.ts";

const node = z.strictObject({
  role,
  kind: kind.optional(),
  asn: asn.optional(),
  loopback: ipv4("10.100.0.3").optional().meta({
    description: "Loopback address of a spine, leaf or edge; the next free one of defaults.loopbacks if absent",
  }),
  macs: z
    .record(port, mac)
    .optional()
    .meta({ title: "map of MAC addresses", description: "Fixed MAC addresses by interface name" }),
  routes: z
    .array(z.strictObject({ to: cidr("10.0.0.0/8"), via: ipv4("192.168.10.254") }).meta({ title: "route" }))
    .optional()
    .meta({
      title: "list of routes",
      description: "Static IPv4 routes",
      examples: [[{ to: "10.0.0.0/8", via: "192.168.10.254" }]],
    }),
});

const link = z.strictObject({
  ends,
  subnet: cidr("10.0.3.0/30")
    .optional()
    .meta({ description: "A numbered link: the first end gets the first address, the second the next" }),
  vlan: vlanName.optional().meta({
    description: "VLAN of a server's port; the first link between a server and a leaf is in the first VLAN by itself",
  }),
  mtu: mtu.optional(),
});

const network = z.strictObject({
  subnet: cidr("192.168.10.0/24"),
  members: z
    .union([
      z.array(member),
      z.record(
        member,
        z
          .int()
          .min(1)
          .max(16_777_214)
          .meta({ title: "host number", examples: [10] }),
      ),
    ])
    .meta({
      title: "list of members",
      description:
        "Nodes (or node:interface) with host numbers 1, 2, 3 …; or a map to host numbers, e.g. { router01: 254, laptop: 10 }",
      examples: [["router01", "laptop"]],
    }),
  gateway: nodeName.optional().meta({
    description: "The member that is everybody's default gateway; the first router, edge, spine or leaf if absent",
  }),
});

const vlan = z.strictObject({
  id: z
    .int()
    .min(2)
    .max(4094)
    .meta({ title: "VLAN id", description: "2 to 4094; 1 is every bridge's default", examples: [100] }),
  vni: z
    .int()
    .min(1)
    .max(16_777_215)
    .meta({ title: "VNI", description: "VXLAN network identifier, the same on every leaf", examples: [10_100] }),
  subnet: cidr("172.16.0.0/24"),
  gateway: ipv4("172.16.0.1")
    .optional()
    .meta({ description: "Anycast gateway on every leaf; the first address if absent" }),
  dhcp: nodeName.optional().meta({ description: "The node that serves DHCP for this VLAN, from off-net" }),
});

const service = z.strictObject({
  prefix,
  servers: z
    .array(nodeName)
    .min(1)
    .optional()
    .meta({
      title: "list of servers",
      description: "Servers that run it; all if absent",
      examples: [["server01", "server02"]],
    }),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .meta({ title: "TCP port", description: "TCP port, 80 if absent", examples: [80] }),
});

const defaults = z.strictObject({
  kinds: z
    .partialRecord(role, kind)
    .optional()
    .meta({ title: "map of kinds", description: "Kind of each role, e.g. { leaf: cumulus-vx }" }),
  mtu: mtu.optional().meta({ description: "MTU of fabric links, 9216 if absent" }),
  loopbacks: cidr("10.100.0.0/24")
    .optional()
    .meta({ description: "Pool of router loopbacks, 10.100.0.0/24 if absent" }),
  management: cidr("100.64.0.0/20").optional().meta({
    description:
      "Out-of-band network. If absent 100.64.0.0/20, or on vm-bhyve, where labs share a host, a /20 of 100.64.0.0/10 that follows from the lab's name",
  }),
  timers: z
    .strictObject({
      keepalive: seconds("BGP keepalive", 1, 21_845, 3),
      hold: seconds("BGP hold time", 3, 65_535, 9),
      connect: seconds("BGP connect retry", 1, 65_535, 1),
      advertise: seconds("router advertisement interval", 1, 1800, 1),
      bfd: z
        .strictObject({
          multiplier: z
            .int()
            .min(2)
            .max(255)
            .optional()
            .meta({ title: "BFD multiplier", description: "3 if absent", examples: [3] }),
          transmit: milliseconds("BFD transmit interval"),
          receive: milliseconds("BFD receive interval"),
        })
        .optional()
        .meta({ title: "map of BFD timers", description: "BFD of server sessions, 3 × 300 ms if absent" }),
    })
    .optional()
    .meta({ title: "map of timers", description: "Routing timers of the whole fabric" }),
});

/** The whole file. Objects are strict: a key that is not here is a mistake. */
export const topologySchema = z
  .strictObject({
    name: name("lab name", mostLabName, "anycast").meta({ description: "Name of the lab" }),
    description: z
      .string()
      .max(1000, "at most 1000 characters fit")
      .optional()
      .meta({ title: "text", description: "For people" }),
    hypervisor: z
      .enum(["netns", "vm-bhyve"])
      .optional()
      .meta({ title: "hypervisor", description: "Where the lab runs; follows from the host if absent" }),
    defaults: defaults.optional().meta({ title: "map of defaults" }),
    nodes: z
      .record(nodeName, z.union([role, node]).meta({ title: "node", description: "A role, or a map with one" }))
      .meta({ title: "map of nodes", description: "Nodes by name; the short form is just the role" }),
    links: z
      .array(
        z.union([ends, link]).meta({
          title: "link",
          description: "A pair of ends, or a map with ends",
          examples: [["leaf01:swp6", "server01:em1"]],
        }),
      )
      .meta({ title: "list of links", description: "Point-to-point links; the short form is a pair of ends" }),
    networks: z
      .record(name("network name", 12, "lan"), network.meta({ title: "network" }))
      .optional()
      .meta({ title: "map of networks", description: "Multi-access networks such as the LAN of the clients" }),
    vlans: z
      .record(vlanName, vlan.meta({ title: "VLAN" }))
      .optional()
      .meta({ title: "map of VLANs", description: "Layer-2 networks of servers, stretched over all leaves by EVPN" }),
    anycast: z
      .record(name("service name", 32, "web"), z.union([prefix, service]).meta({ title: "anycast service" }))
      .optional()
      .meta({ title: "map of services", description: "Anycast services; the short form is the host route" }),
  })
  .meta({ title: "topology" });

/** A topology exactly as written: short forms are still short. */
export type TopologyFile = z.infer<typeof topologySchema>;
