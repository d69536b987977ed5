/** A root directory → a disk that UEFI starts: the commands that write it into a file, in order. Pure. */
import type { Argv } from "../../../kinds/kind.ts";

export interface DiskFiles {
  /** The root directory of the guests. */
  readonly root: string;
  /** Laid over it; of the second only what the guests of netns share with virtual machines. */
  readonly overlays: readonly [own: string, embedded: string];
  /** What is on the EFI system partition besides boot loader, kernel and initial RAM disk. */
  readonly esp: string;
  readonly kernel: string;
  readonly initrd: string;
}

export interface DiskAct {
  readonly does: string;
  readonly argv: Argv;
  readonly input?: string;
}

/** In MiB: partitions begin where erase blocks do, and the last one leaves room for the second partition table. */
const [espStart, espSize, rootStart, rootSize] = [1, 128, 129, 1917];

/** Acts on a file of 2 GiB, all of them as the owner of the root directory's files. */
export function diskActs(disk: string, { root, overlays: [own, embedded], esp, kernel, initrd }: DiskFiles): DiskAct[] {
  const at = `${disk}@@${espStart}M`;
  const rootType = "4f68bce3-e8cd-4db1-96e7-fbcaf984b709";
  const table = [
    "label: gpt",
    `start=${espStart}MiB, size=${espSize}MiB, type=uefi, name=efi`,
    `start=${rootStart}MiB, size=${rootSize}MiB, type=${rootType}, name=root`,
  ];
  const boot = `${root}/usr/lib/systemd/boot/efi/systemd-bootx64.efi`;
  return [
    { does: "adding files of ours", argv: ["cp", "-R", `${own}/.`, root] },
    { does: "adding scripts of ours", argv: ["cp", "-R", `${embedded}/usr/libexec/lab`, `${root}/usr/libexec/`] },
    { does: "partitioning", argv: ["/usr/sbin/sfdisk", "-q", disk], input: table.map((line) => `${line}\n`).join("") },
    {
      does: "writing the root file system",
      argv: [
        ...["/usr/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-L", "lab-root", "-m", "0"],
        ...["-E", `offset=${rootStart * 1024 ** 2}`, "-d", root, disk, `${rootSize}M`],
      ],
    },
    {
      does: "formatting the EFI system partition",
      argv: ["mformat", "-i", at, "-F", "-T", String(espSize * 2048), "-v", "LAB-EFI", "::"],
    },
    { does: "making its directories", argv: ["mmd", "-i", at, "::/EFI", "::/EFI/BOOT"] },
    { does: "writing the boot loader", argv: ["mcopy", "-i", at, boot, "::/EFI/BOOT/BOOTX64.EFI"] },
    { does: "writing its configuration", argv: ["mcopy", "-s", "-i", at, `${esp}/loader`, "::/"] },
    { does: "writing the kernel", argv: ["mcopy", "-i", at, kernel, "::/vmlinuz"] },
    { does: "writing the initial RAM disk", argv: ["mcopy", "-i", at, initrd, "::/initrd.img"] },
  ];
}
