/** What a disk image is, by its first bytes: names lie. Pure. */

/** As qemu-img calls them. */
export type DiskFormat = "qcow2" | "vmdk" | "vdi" | "vhdx" | "raw";

export type Detected =
  | { readonly is: "disk"; readonly format: DiskFormat }
  /** Something that holds a disk: the command takes it out, with the file's name as its last word. */
  | { readonly is: "packed"; readonly as: string; readonly unpack: readonly string[] }
  | { readonly is: "other"; readonly what: string };

/** So many bytes of the beginning are enough. */
export const headBytes = 33 * 1024;

interface Magic {
  readonly at: number;
  readonly bytes: readonly number[] | string;
  readonly means: Detected;
}

const disk = (format: DiskFormat): Detected => ({ is: "disk", format });
const packed = (as: string, ...unpack: string[]): Detected => ({ is: "packed", as, unpack });

/** The first that fits: a boot sector's 55 AA is also in what is more than that. */
const magics: readonly Magic[] = [
  { at: 0, bytes: "QFI\u00FB", means: disk("qcow2") },
  { at: 0, bytes: "KDMV", means: disk("vmdk") },
  { at: 0, bytes: "vhdxfile", means: disk("vhdx") },
  { at: 64, bytes: [0x7f, 0x10, 0xda, 0xbe], means: disk("vdi") },
  { at: 0, bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], means: packed("xz", "xz", "--decompress", "--keep") },
  { at: 0, bytes: [0x1f, 0x8b], means: packed("gzip", "gzip", "--decompress", "--keep") },
  { at: 0, bytes: [0x28, 0xb5, 0x2f, 0xfd], means: packed("zstd", "zstd", "--decompress") },
  { at: 0, bytes: "BZh", means: packed("bzip2", "bzip2", "--decompress", "--keep") },
  { at: 0, bytes: "PK\u0003\u0004", means: packed("zip", "unzip") },
  { at: 257, bytes: "ustar", means: packed("tar, as an OVA is", "tar", "-xf") },
  { at: 0, bytes: "# Disk DescriptorFile", means: { is: "other", what: "only the description of a VMDK" } },
  { at: 0, bytes: "conectix", means: { is: "other", what: "a VHD of the old kind" } },
  { at: 32_769, bytes: "CD001", means: { is: "other", what: "a CD, such as an installer" } },
  { at: 512, bytes: "EFI PART", means: disk("raw") },
  { at: 510, bytes: [0x55, 0xaa], means: disk("raw") },
];

/** What a file that begins like this is. */
export function detectFormat(head: Uint8Array): Detected {
  const found = magics.find((magic) => fits(head, magic));
  if (found !== undefined) return found.means;
  return { is: "other", what: head.length === 0 ? "empty" : "without a partition table" };
}

function fits(head: Uint8Array, { at, bytes }: Magic): boolean {
  const wanted = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : Uint8Array.from(bytes);
  return Buffer.compare(head.subarray(at, at + wanted.length), wanted) === 0;
}

/** `C12A7328-F81F-11D2-BA4B-00A0C93EC93B` as a GPT holds it. */
const efiSystem = Buffer.from("28732ac11ff8d211ba4b00a0c93ec93b", "hex");
const [sector, entryBytes] = [512, 128];

/** Whether a raw disk that begins like this has what UEFI starts from: a GPT with an EFI system partition. */
export function hasEfiSystem(head: Uint8Array): boolean {
  if (!fits(head, { at: sector, bytes: "EFI PART", means: disk("raw") })) return false;
  for (let at = 2 * sector; at + entryBytes <= 34 * sector && at + entryBytes <= head.length; at += entryBytes) {
    if (efiSystem.equals(head.subarray(at, at + efiSystem.length))) return true;
  }
  return false;
}
