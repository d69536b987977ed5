/** The user's own disk image → a raw image in the cache: known by its first bytes, converted by qemu-img, checked. */
import { open, rm, stat } from "node:fs/promises";
import { basename } from "node:path";
import { HostError, UsageError } from "../../../errors.ts";
import type { Exec } from "../../../system/exec.ts";
import { isMissing } from "../../../system/files.ts";
import type { CachedImage, ImageCache } from "./cache.ts";
import { type CatalogueImage, machinesFrom } from "./catalogue.ts";
import { inWholePercents, type OnProgress } from "./progress.ts";
import { detectFormat, type DiskFormat, hasEfiSystem, headBytes } from "./formats.ts";

export interface ImportOptions {
  readonly exec: Exec;
  readonly cache: ImageCache;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: OnProgress;
}

export interface Imported extends CachedImage {
  /** What may keep a guest from starting, for people. */
  readonly remarks: readonly string[];
}

/** What is said of an image whose source is a file. */
export interface ImportFacts {
  readonly source?: string;
  readonly packages?: readonly string[];
}

/** Replaces the image in the cache once the file has turned out to be one. The file itself stays as it is. */
export async function importImage(
  image: CatalogueImage,
  file: string,
  options: ImportOptions,
  facts: ImportFacts = {},
): Promise<Imported> {
  const { exec, cache, signal } = options;
  const onProgress = inWholePercents(options.onProgress);
  const format = formatOf(image, file, await readHead(file));
  await checkDisk(image, file, format, exec);
  const draft = await cache.draft(image.name);
  try {
    onProgress(0, `converting ${basename(file)} (${format})`);
    const argv = ["qemu-img", "convert", "-p", "-f", format, "-O", "raw", file, draft];
    await exec.run(argv, { signal, timeoutMs: 3_600_000, onLine: followConvert(onProgress, file) });
    const efi = hasEfiSystem(await readHead(draft));
    const found = await cache.publish(
      image.name,
      draft,
      { source: facts.source ?? file, efi, ...(facts.packages !== undefined && { packages: facts.packages }) },
      { signal, onFraction: (share) => onProgress(80 + share * 19, "taking its checksum") },
    );
    onProgress(100, "imported");
    return { ...found, remarks: remarksOn(image, efi) };
  } finally {
    await rm(draft, { force: true });
  }
}

/** qemu-img ends its lines of progress, `    (12.34/100%)`, with a carriage return; several may come as one line. */
function followConvert(onProgress: OnProgress, file: string): (line: string) => void {
  return (line) => {
    const percent = Number([...line.matchAll(/\((\d+(?:\.\d+)?)\/100%\)/g)].at(-1)?.[1] ?? 0);
    onProgress(percent * 0.8, `converting ${basename(file)}`);
  };
}

async function readHead(file: string): Promise<Uint8Array> {
  try {
    const handle = await open(file, "r");
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!isMissing(error) && !(await isDirectory(file))) throw error;
    const message = isMissing(error) ? `there is no file ${file}` : `${file} is a directory`;
    throw new UsageError({ code: "E_IMAGE_FILE", message, hint: "lab image import FILE --kind KIND", cause: error });
  }
}

async function isDirectory(file: string): Promise<boolean> {
  return (await stat(file)).isDirectory();
}

function formatOf(image: CatalogueImage, file: string, head: Uint8Array): DiskFormat {
  const detected = detectFormat(head);
  if (detected.is === "disk") return detected.format;
  const again = `lab image import DISK --kind ${image.name}`;
  if (detected.is === "packed") {
    throw new UsageError({
      code: "E_IMAGE_PACKED",
      message: `${file} is packed (${detected.as}): the disk inside it is wanted`,
      hint: `${detected.unpack.replace("FILE", file)}, then ${again}`,
    });
  }
  throw new UsageError({
    code: "E_IMAGE_FORMAT",
    message: `${file} is no disk image that lab knows: it is ${detected.what}`,
    hint: `qcow2, VMDK, VDI, VHDX or a raw disk with a partition table; qemu-img convert makes one of most others`,
  });
}

/** What qemu-img says of it: whether it is whole, and whether guests' disks have room for it. */
async function checkDisk(image: CatalogueImage, file: string, format: DiskFormat, exec: Exec): Promise<void> {
  const argv = ["qemu-img", "info", "-f", format, "--output=json", file];
  const { stdout, stderr, exitCode, failure } = await exec.try(argv, { timeoutMs: 60_000 });
  if (exitCode === undefined) {
    throw new HostError({
      code: "E_NO_QEMU_IMG",
      message: `qemu-img is needed to convert ${file}: ${failure ?? "it does not run"}`,
      hint: process.platform === "freebsd" ? "pkg install qemu-tools" : "apt-get install qemu-utils",
    });
  }
  const info = parseInfo(stdout);
  if (failure !== undefined || info === undefined) {
    const message = `${file} is broken: ${stderr.trim() || "qemu-img says nothing of it"}`;
    throw new UsageError({ code: "E_IMAGE_BROKEN", message, hint: "fetch it again, and compare its checksum" });
  }
  if (info.backing !== undefined) {
    throw new UsageError({
      code: "E_IMAGE_BACKED",
      message: `${file} holds only what differs from ${info.backing}`,
      hint: `qemu-img convert -O raw ${file} whole.raw, then lab image import whole.raw --kind ${image.name}`,
    });
  }
  const rooms = machinesFrom(image).map(({ diskGiB }) => diskGiB);
  const room = Math.min(...rooms);
  if (info.size > room * 1024 ** 3) {
    throw new UsageError({
      code: "E_IMAGE_SIZE",
      message: `${file} is a disk of ${(info.size / 1024 ** 3).toFixed(1)} GiB, and guests of ${image.kinds.join(", ")} have ${room} GiB`,
      hint: "a smaller image: a disk that holds one can grow, and would lose its end if it were cut",
    });
  }
}

function parseInfo(text: string): { readonly size: number; readonly backing: string | undefined } | undefined {
  try {
    const value = JSON.parse(text) as { "virtual-size"?: unknown; "backing-filename"?: unknown };
    const [size, backing] = [value["virtual-size"], value["backing-filename"]];
    return typeof size === "number" ? { size, backing: typeof backing === "string" ? backing : undefined } : undefined;
  } catch {
    return undefined;
  }
}

function remarksOn(image: CatalogueImage, efi: boolean): readonly string[] {
  const wantsEfi = machinesFrom(image).some(({ loader }) => loader === "uefi");
  return wantsEfi && !efi
    ? [`it has no EFI system partition, and guests of ${image.kinds.join(", ")} are started by UEFI: they may not boot`]
    : [];
}
