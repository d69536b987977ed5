/**
 * What a user may write in a `*.lab.yaml` file. Descriptions are the reference: the JSON Schema for editors, the error
 * texts and the docs all come from here. No transforms: the schema describes the file as written.
 */
import { z } from "zod";

/** Lab and node names: they end up in host names, interface names, FRR and shell words, so the alphabet is small. */
export const namePattern = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
/** Kernel limit IFNAMSIZ is 16 with the final NUL; a colon or slash is never allowed. */
export const interfacePattern = /^[a-z][a-z0-9]{0,14}$/;

const name = z.string().regex(namePattern).max(32);
const ipv4 = z.ipv4();
const cidr = z.cidrv4();
const mac = z.string().regex(/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/);
const asn = z.int().min(1).max(4_294_967_294);
const end = z
  .string()
  .regex(/^[^:\s]+:[^:\s]+$/)
  .meta({ description: "node:interface, e.g. leaf01:swp6" });

const role = z.enum(["spine", "leaf", "server", "edge", "router", "client", "dhcp"]);

const node = z.strictObject({
  role: role.meta({ description: "What the node does in the fabric" }),
  kind: z.string().optional().meta({ description: "Node kind; the default follows from the role" }),
  asn: asn.optional().meta({ description: "AS number; derived from the role if absent" }),
  loopback: ipv4
    .optional()
    .meta({ description: "Loopback address of a router; the next free one of defaults.loopbacks if absent" }),
  macs: z.record(z.string(), mac).optional().meta({ description: "Fixed MAC addresses by interface name" }),
  routes: z
    .array(z.strictObject({ to: cidr, via: ipv4 }))
    .optional()
    .meta({ description: "Static IPv4 routes" }),
});

const link = z.strictObject({
  ends: z.tuple([end, end]),
  subnet: cidr
    .optional()
    .meta({ description: "A numbered link: the first end gets the first address, the second the next" }),
  vlan: z
    .string()
    .optional()
    .meta({
      description:
        "VLAN of a leaf's access port; the first link between a leaf and a server is an access link by itself",
    }),
  mtu: z.int().min(1280).max(9216).optional(),
});

const network = z.strictObject({
  subnet: cidr,
  members: z
    .union([z.array(z.string()), z.record(z.string(), z.int().min(1))])
    .meta({
      description:
        "Nodes (or node:interface) in address order, or a map to host numbers, e.g. { router01: 254, laptop: 10 }",
    }),
  gateway: z
    .string()
    .optional()
    .meta({ description: "The member that is everybody's default gateway; the first router, edge or spine if absent" }),
});

const vlan = z.strictObject({
  id: z.int().min(2).max(4094),
  vni: z.int().min(1).max(16_777_215),
  subnet: cidr,
  gateway: ipv4.optional().meta({ description: "Anycast gateway on every leaf; the first address if absent" }),
  dhcp: z.string().optional().meta({ description: "The node that serves DHCP for this VLAN from off-net" }),
});

const service = z.strictObject({
  prefix: z.string().meta({ description: "Host route, e.g. 172.20.0.1/32" }),
  servers: z.array(z.string()).optional().meta({ description: "Servers that run it; all if absent" }),
  port: z.int().min(1).max(65535).optional().meta({ description: "TCP port, 80 if absent" }),
});

const seconds = (most: number) => z.int().min(1).max(most);
const milliseconds = z.int().min(10).max(60_000);

const defaults = z.strictObject({
  kinds: z
    .partialRecord(role, z.string())
    .optional()
    .meta({ description: "Kind of each role, e.g. { leaf: cumulus-vx }" }),
  mtu: z.int().min(1280).max(9216).optional().meta({ description: "MTU of fabric links, 9216 if absent" }),
  loopbacks: cidr.optional().meta({ description: "Pool of router loopbacks, 10.100.0.0/24 if absent" }),
  management: cidr.optional().meta({ description: "Out-of-band network, 100.64.0.0/20 if absent" }),
  timers: z
    .strictObject({
      keepalive: seconds(21_845).optional().meta({ description: "BGP keepalive in seconds, 3 if absent" }),
      hold: z.int().min(3).max(65_535).optional().meta({ description: "BGP hold time in seconds, 9 if absent" }),
      connect: seconds(65_535).optional().meta({ description: "BGP connect retry in seconds, 1 if absent" }),
      bfd: z
        .strictObject({
          multiplier: z.int().min(2).max(255).optional(),
          transmit: milliseconds.optional(),
          receive: milliseconds.optional(),
        })
        .optional()
        .meta({ description: "BFD of server sessions, 3 × 300 ms if absent" }),
    })
    .optional(),
});

export const topologySchema = z.strictObject({
  name: name.max(20).meta({ description: "Name of the lab" }),
  description: z.string().optional(),
  hypervisor: z.enum(["netns", "vm-bhyve"]).optional(),
  defaults: defaults.optional(),
  nodes: z.record(name, z.union([role, node])).meta({ description: "Nodes by name; the short form is just the role" }),
  links: z
    .array(z.union([z.tuple([end, end]), link]))
    .meta({ description: "Point-to-point links; the short form is a pair of ends" }),
  networks: z
    .record(name.max(12), network)
    .optional()
    .meta({ description: "Multi-access networks such as the LAN of the clients" }),
  vlans: z.record(name, vlan).optional(),
  anycast: z
    .record(name, z.union([z.string(), service]))
    .optional()
    .meta({ description: "Anycast services; the short form is the host route" }),
});

/** A topology exactly as written: short forms are still short. */
export type TopologyFile = z.infer<typeof topologySchema>;
