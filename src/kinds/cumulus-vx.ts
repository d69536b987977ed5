/** The kind `cumulus-vx`: NVIDIA's switch system, from an image that the user brings. */
import { cumulusMachine, embeddedRouter } from "./guests.ts";
import type { Kind } from "./kind.ts";

/** The article's leaves and spines, up to 4.4; the user brings the image. On netns its stand-in is Debian with the same files. */
export const cumulusVx: Kind = {
  name: "cumulus-vx",
  summary: "Cumulus VX up to 4.4 with NCLU (your own image): leaf, spine",
  roles: ["spine", "leaf"],
  ports: { management: "eth0", prefix: "swp", first: 1, most: 64 },
  guests: { netns: embeddedRouter, "vm-bhyve": cumulusMachine },
  machine: { memoryMiB: 1024, cpus: 2, diskGiB: 6, nic: "virtio-net", loader: "uefi" },
};
