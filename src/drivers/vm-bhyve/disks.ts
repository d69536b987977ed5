/**
 * What is on a new guest's disk, written once `vm create` has made the guest and marked it as ours. `vm create -i` is not used:
 * its `qemu-img dd` writes out every hole of a sparse image, and what it cannot finish it leaves half made (contract, 5).
 * Neither is `vm clone`, which takes whole guests with their confs.
 */
import type { Act, Wave } from "../driver.ts";
import { imageOf, isOurGuest, type Machine } from "./guests.ts";
import { fileOf } from "./images/catalogue.ts";
import { cloneFile, imageDatasetOf, images, placeOf } from "./place.ts";
import type { Timing } from "./timing.ts";

/**
 * The image's content, then the size that the machine wants; guests side by side.
 * @param cloned names of the images that are snapshots
 */
export function fillDisks(
  owner: string,
  machines: readonly Machine[],
  cloned: readonly string[],
  timing: Timing,
): Wave[] {
  const isClone = ({ node }: Machine) => cloned.includes(imageOf(node.kind));
  return [
    machines.map((machine) => (isClone(machine) ? clone(owner, machine) : copy(owner, machine, timing))),
    machines.filter(isClone).map((machine) => link(owner, machine)),
    machines.map((machine) => grow(owner, machine)),
  ];
}

/** FreeBSD's cp(1) copies by copy_file_range(2), which keeps holes. The mode is the file's, which `vm create` has made. */
function copy(owner: string, { name, node }: Machine, { copyMs }: Timing): Act {
  return {
    does: `copy the image of ${node.kind} to ${name}`,
    argv: ["cp", `${images}/${fileOf({ name: imageOf(node.kind) })}`, placeOf(name).disk],
    needs: [isOurGuest(owner, name)],
    timeoutMs: copyMs,
  };
}

/** Below the guest's own dataset, so that `vm destroy`, which is `zfs destroy -rf`, takes it along. */
function clone(owner: string, { name, node }: Machine): Act {
  const place = placeOf(name);
  return {
    does: `clone the image of ${node.kind} for ${name}`,
    argv: ["zfs", "clone", imageDatasetOf(imageOf(node.kind)).snapshot, place.clone],
    needs: [isOurGuest(owner, name)],
    timeoutMs: 60_000,
    proof: {
      holds: [{ is: "there", paths: [place.cloned] }],
      strict: true,
      withinMs: 10_000,
      hint: "lab down removes what there is of it",
    },
  };
}

/** In place of the empty file that `vm create` has made: the conf is the same for a clone and a copy. */
function link(owner: string, { name }: Machine): Act {
  return {
    does: `make that the disk of ${name}`,
    argv: ["ln", "-sf", cloneFile, placeOf(name).disk],
    needs: [isOurGuest(owner, name)],
    timeoutMs: 10_000,
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
