/**
 * Images where `vm` has ZFS: each is a dataset with one file, and its version a snapshot that guests' disks are clones of. The
 * checksum is a property of the snapshot, set in the same moment, so whatever has one is whole, and lab's.
 */
import type { Act, Wave } from "../../driver.ts";
import type { VmHost } from "../host.ts";
import { imageDatasetOf } from "../place.ts";
import type { CachedImage } from "./cache.ts";

/** A version of an image. */
export interface Frozen {
  readonly image: string;
  /** `pool/vm/lab-images/NAME@lab`, or another name for one that was replaced. */
  readonly snapshot: string;
  /** ZFS's own number of it: no other snapshot ever has the same. */
  readonly guid: string;
  /** It goes by itself once no disk is a clone of it. */
  readonly isGoing: boolean;
  readonly isCurrent: boolean;
  /** Of the image; without one the snapshot is somebody else's. */
  readonly sha256: string;
}

const property = "lab:sha256";
const usualMs = 60_000;

/** All of lab's snapshots; none where there is no ZFS. */
export async function listFrozen(host: VmHost): Promise<readonly Frozen[]> {
  if (host.dataset === undefined) return [];
  const { all } = imageDatasetOf("");
  const columns = ["name", "guid", "defer_destroy", property].join(",");
  const argv = ["zfs", "list", "-H", "-t", "snapshot", "-o", columns, "-r", host.resolve(all)];
  // Before the first image there is no such dataset.
  return parseFrozen((await host.run(argv, { timeoutMs: 10_000 })).stdout);
}

/** Lines of `zfs list -H`, whose columns are tabs apart; of a property that is not set `-`. */
export function parseFrozen(text: string): readonly Frozen[] {
  return text.split("\n").flatMap((line) => {
    const [snapshot = "", guid = "", going, sha256 = ""] = line.split("\t");
    const [, image, name] = /\/lab-images\/([^/@]+)@(.+)$/.exec(snapshot) ?? [];
    if (image === undefined || !/^\d+$/.test(guid) || !/^[0-9a-f]{64}$/.test(sha256)) return [];
    return [{ image, snapshot, guid, isGoing: going === "on", isCurrent: name === "lab", sha256 }];
  });
}

/** The acts that make a version of it. */
export function freezeImage(cached: CachedImage, put: (path: string) => Act): readonly Wave[] {
  const { image, sha256 } = cached.record;
  const { dataset, disk, frozen, snapshot } = imageDatasetOf(image);
  return [
    // The snapshot is looked into by the path that this property may hide.
    only(`make the dataset of ${image}`, ["zfs", "create", "-p", "-o", "snapdir=hidden", dataset]),
    [put(disk)],
    // As `vm create` makes disks: a clone has what its guest keeps secret.
    only(`close the disk of ${image} to others`, ["chmod", "600", disk]),
    only(`freeze ${image}`, ["zfs", "snapshot", "-o", `${property}=${sha256}`, snapshot], {
      // Another lab may have been first, which is as good.
      proof: { holds: [{ is: "there", paths: [frozen] }], withinMs: 0, hint: `zfs list -t all -r ${dataset}` },
    }),
  ];
}

/** Out of the way of the next version; disks that are clones of it stay so under any name. */
export function retire({ image, snapshot, guid }: Frozen): readonly Wave[] {
  const old = `${snapshot}-${guid}`;
  return [only(`put the old ${image} aside`, ["zfs", "rename", snapshot, old]), ...letGo({ image, snapshot: old })];
}

/** ZFS destroys it when the last disk that is a clone of it is destroyed; at once where there is none. */
export function letGo({ image, snapshot }: Pick<Frozen, "image" | "snapshot">): readonly Wave[] {
  const does = `let the old ${image} go with the last guest made of it`;
  return [only(does, ["zfs", "destroy", "-d", snapshot], { mayFail: true })];
}

function only(does: string, argv: Act["argv"], more: Partial<Act> = {}): Wave {
  return [{ does, argv, timeoutMs: usualMs, ...more }];
}
