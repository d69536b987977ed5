/** The kind `cumulus-vx5`: the same switch system, a major version later. */
import { cumulusVx } from "./cumulus-vx.ts";
import { cumulus5Machine, embeddedRouter } from "./guests.ts";
import type { Kind } from "./kind.ts";

/** Cumulus VX 5, which speaks NVUE and no longer NCLU. Twice the memory of 4.x, as netlab gives it. */
export const cumulusVx5: Kind = {
  ...cumulusVx,
  name: "cumulus-vx5",
  summary: "Cumulus VX 5 with NVUE (your own image): leaf, spine",
  guests: { netns: embeddedRouter, "vm-bhyve": cumulus5Machine },
  machine: { memoryMiB: 2048, cpus: 2, diskGiB: 6, nic: "virtio-net", loader: "uefi" },
};
