import { cumulus5Machine, embeddedRouter } from "./guests.ts";
import type { Kind } from "./kind.ts";

/** Cumulus VX 5, which speaks NVUE and no longer NCLU. Twice the memory of 4.x, as netlab gives it. */
export const cumulusVx5: Kind = {
  name: "cumulus-vx5",
  summary: "Cumulus VX 5 with NVUE (your own image): leaf, spine",
  roles: ["spine", "leaf"],
  ports: { management: "eth0", prefix: "swp", first: 1, most: 64 },
  guests: { netns: embeddedRouter, "vm-bhyve": cumulus5Machine },
  machine: { memoryMiB: 2048, cpus: 2, diskGiB: 6, nic: "virtio-net", loader: "uefi" },
};
