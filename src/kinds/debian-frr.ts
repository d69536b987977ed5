/** The kind `debian-frr`: Debian as a router. */
import { debianMachine, embeddedRouter } from "./guests.ts";
import type { Kind } from "./kind.ts";

/** The leaf or spine anybody may download; also the image root of netns. */
export const debianFrr: Kind = {
  name: "debian-frr",
  summary: "Debian with FRR and ifupdown2: leaf, spine, edge",
  roles: ["spine", "leaf", "edge"],
  // 128 leaves, an edge and spare ports on one spine; bhyve has room for 32 slots of 8 functions.
  ports: { management: "eth0", prefix: "swp", first: 1, most: 160 },
  guests: { netns: embeddedRouter, "vm-bhyve": debianMachine },
  machine: { memoryMiB: 512, cpus: 1, diskGiB: 4, nic: "virtio-net", loader: "uefi" },
};
