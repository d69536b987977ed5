/**
 * Disks of guests where `vm_dir` is a ZFS dataset (`zfs:pool/vm`): one volume for each version of an image, and for each guest
 * a clone of it, which takes neither time nor room. `vm clone` copies whole guests with their conf, and `vm create -i` always
 * copies (vm-bhyve's core::write_img), so the clone is made beside them: `vm create` with a template whose disk is `custom`
 * makes none, and a conf whose disk is a `sparse-zvol` called `disk0` finds the clone at /dev/zvol/DATASET/GUEST/disk0.
 * `vm destroy` removes it with the guest's dataset (zfs destroy -rf). Not used by the driver yet: guests get copies.
 */
import type { Act, Wave } from "../driver.ts";
import { images } from "./place.ts";

/** One version of an image as a volume. */
export interface ImageVolume {
  /** What `vm_dir` names after `zfs:`. */
  readonly dataset: string;
  readonly image: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** What a template says of its disk so that `vm create` makes none. */
export const noDisk = [
  ["disk0_type", "virtio-blk"],
  ["disk0_name", "disk0"],
  ["disk0_dev", "custom"],
] as const;

/** What a conf says of a disk that is a clone. */
export const clonedDisk = [
  ["disk0_type", "virtio-blk"],
  ["disk0_name", "disk0"],
  ["disk0_dev", "sparse-zvol"],
] as const;

const snapshot = "lab";
const mebi = 1024 ** 2;
const usualMs = 60_000;

export function volumeName({ dataset, image, sha256 }: ImageVolume): string {
  return `${dataset}/lab-image-${image}-${sha256.slice(0, 12)}`;
}

/** The device is made after the command has returned. */
const deviceOf = (volume: string) => `/dev/zvol/${volume}`;

/** Nothing where the volume is there: it gets its name when it is whole. Each lab makes its own; the first name stays. */
export function makeVolume(owner: string, volume: ImageVolume, copyMs: number): Wave[] {
  const name = volumeName(volume);
  const draft = `${name}.new-${owner}`;
  const device = deviceOf(draft);
  const missing = { is: "gone", paths: [deviceOf(name)] } as const;
  const drafted = { is: "there", paths: [device] } as const;
  const size = Math.ceil(volume.bytes / mebi) * mebi;
  const act = (does: string, argv: Act["argv"], more: Partial<Act> = {}): Act => ({
    does,
    argv,
    when: [missing],
    timeoutMs: usualMs,
    ...more,
  });
  const from = `if=${images}/lab-${volume.image}.raw`;
  const remains = act("remove what a killed run has left of the volume", ["zfs", "destroy", "-r", draft], {
    when: [drafted],
    mayFail: true,
  });
  return [
    [remains],
    [
      act(
        `make a volume for ${volume.image}`,
        ["zfs", "create", "-s", "-V", String(size), "-o", "volmode=dev", draft],
        {
          proof: { holds: [drafted], withinMs: 10_000, hint: `zfs list -t volume -r ${volume.dataset}` },
        },
      ),
    ],
    [act(`copy ${volume.image} to it`, ["dd", from, `of=${device}`, "bs=1m", "conv=sparse"], { timeoutMs: copyMs })],
    [act("freeze it", ["zfs", "snapshot", `${draft}@${snapshot}`])],
    [
      act("name it", ["zfs", "rename", draft, name], {
        proof: {
          holds: [{ is: "there", paths: [deviceOf(name)] }],
          withinMs: 10_000,
          hint: `zfs list -t volume -r ${volume.dataset}`,
        },
      }),
    ],
    // Of the lab that came second.
    [remains],
  ];
}

/** After `vm create` has made the guest's dataset, before its conf is written. */
export function cloneDisk(guest: string, volume: ImageVolume, diskGiB: number, needs: Act["needs"]): Wave[] {
  const disk = `${volume.dataset}/${guest}/disk0`;
  const origin = `${volumeName(volume)}@${snapshot}`;
  return [
    [
      {
        does: `clone the disk of ${guest}`,
        argv: ["zfs", "clone", "-o", "volmode=dev", origin, disk],
        ...(needs !== undefined && { needs }),
        timeoutMs: usualMs,
        proof: {
          holds: [{ is: "there", paths: [deviceOf(disk)] }],
          strict: true,
          withinMs: 10_000,
          hint: "lab down removes what there is of it",
        },
      },
    ],
    [
      {
        does: `give the disk of ${guest} its size`,
        argv: ["zfs", "set", `volsize=${diskGiB}G`, disk],
        ...(needs !== undefined && { needs }),
        timeoutMs: usualMs,
      },
    ],
  ];
}
