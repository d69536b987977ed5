/**
 * What is on a new guest's disk, written once `vm create` has made the guest and marked it as ours. `vm create -i` is not used:
 * its `qemu-img dd` writes out every hole of a sparse image, and what it cannot finish it leaves half made (contract, 5).
 */
import type { Act, Wave } from "../driver.ts";
import { imageOf, isOurGuest, type Machine } from "./guests.ts";
import { images, placeOf } from "./place.ts";
import type { Timing } from "./timing.ts";

/** The image's content, then the size that the machine wants; guests side by side. */
export function fillDisks(owner: string, machines: readonly Machine[], timing: Timing): Wave[] {
  return [machines.map((machine) => copy(owner, machine, timing)), machines.map((machine) => grow(owner, machine))];
}

/** FreeBSD's cp(1) copies by copy_file_range(2), which keeps holes. The mode is the file's, which `vm create` has made. */
function copy(owner: string, { name, node }: Machine, { copyMs }: Timing): Act {
  return {
    does: `copy the image of ${node.kind} to ${name}`,
    argv: ["cp", `${images}/${imageOf(node.kind)}`, placeOf(name).disk],
    needs: [isOurGuest(owner, name)],
    timeoutMs: copyMs,
  };
}

/** The guest's own system grows its file system at its first boot. A larger image is refused; truncate(1) would cut it. */
function grow(owner: string, { name, node }: Machine): Act {
  const size = `${node.machine?.diskGiB ?? 0}G`;
  return {
    does: `give ${name} a disk of ${size}`,
    argv: ["qemu-img", "resize", "-q", "-f", "raw", placeOf(name).disk, size],
    needs: [isOurGuest(owner, name)],
    timeoutMs: 60_000,
  };
}
