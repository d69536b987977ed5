import { debianMachine, embeddedRouter } from "./guests.ts";
import type { Kind } from "./kind.ts";

/** The leaf or spine anybody may download; also the image root of netns. */
export const debianFrr: Kind = {
  name: "debian-frr",
  summary: "Debian with FRR and ifupdown2: leaf, spine, edge",
  roles: ["spine", "leaf", "edge"],
  ports: { management: "eth0", prefix: "swp", first: 1, most: 64 },
  guests: { netns: embeddedRouter, "vm-bhyve": debianMachine },
  machine: { memoryMiB: 512, cpus: 1, diskGiB: 4, nic: "virtio-net", loader: "uefi" },
};
