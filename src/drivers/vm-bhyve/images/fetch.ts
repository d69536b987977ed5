/** An image that others publish → the cache: its checksum first, the download, the comparison, then it is unpacked. */
import { link, open, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { exitCodes, HostError, LabError } from "../../../errors.ts";
import type { Clock } from "../../../system/clock.ts";
import type { Exec } from "../../../system/exec.ts";
import { takeLock } from "../../../system/lock.ts";
import type { CachedImage, ImageCache } from "./cache.ts";
import type { CatalogueImage, Source } from "./catalogue.ts";
import { checksumOf } from "./checksums.ts";
import { digestFile } from "./digest.ts";
import { download, downloadText, type DownloadOptions } from "./download.ts";
import { detectFormat, hasEfiSystem, headBytes } from "./formats.ts";
import { inWholePercents, type OnProgress } from "./progress.ts";

export interface FetchOptions extends Pick<DownloadOptions, "patience" | "silenceMs"> {
  readonly exec: Exec;
  readonly clock: Clock;
  readonly cache: ImageCache;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: OnProgress;
}

/** Nothing is downloaded where the cache has what is published now. A file with another checksum is deleted. */
export async function fetchImage(
  image: Pick<CatalogueImage, "name"> & { readonly source: Source & { readonly how: "download" } },
  options: FetchOptions,
): Promise<CachedImage> {
  const { cache, clock, exec } = options;
  const onProgress = inWholePercents(options.onProgress);
  const { folder, file, checksums } = image.source;
  onProgress(0, `reading ${checksums}`);
  const list = await downloadText(new URL(checksums, folder).href, options);
  const wanted = checksumOf(list, "sha512", file);
  if (wanted === undefined) {
    throw new LabError({
      code: "E_NO_CHECKSUM",
      message: `${folder}${checksums} has no SHA512 of ${file}: without it the image is not trusted`,
      hint: "a newer lab may know where it is now; lab image import takes a file that you trust",
    });
  }
  const cached = await cache.find(image.name);
  if (cached?.record.published === wanted) return cached;
  const draft = await cache.draft(image.name);
  const lock = takeLock(
    join(cache.directory, `${image.name}.lock`),
    "lab image build",
    new Date(clock.now()).toISOString(),
  );
  if (!lock.taken) throw isBusy(image.name, lock.holder.pid);
  try {
    const archive = join(cache.directory, file);
    await bring(new URL(file, folder).href, archive, wanted, { ...options, onProgress });
    onProgress(85, `unpacking ${file}`);
    await unpack(exec, archive, draft, options.signal);
    const efi = await checkDisk(draft, file);
    const source = new URL(file, folder).href;
    const found = await cache.publish(
      image.name,
      draft,
      { source, published: wanted, efi },
      { signal: options.signal, onFraction: (share) => onProgress(95 + share * 4, "taking its checksum") },
    );
    await rm(archive, { force: true });
    onProgress(100, "fetched");
    return found;
  } finally {
    await rm(draft, { force: true });
    lock.release();
  }
}

function isBusy(name: string, pid: number): LabError {
  return new LabError(
    { code: "E_LOCKED", message: `another run (pid ${pid}) fetches ${name}`, hint: "wait until it has ended" },
    exitCodes.locked,
  );
}

/** The file with this checksum; what an earlier run has brought is looked at first. */
async function bring(url: string, archive: string, wanted: string, options: FetchOptions): Promise<void> {
  const { signal, onProgress } = options;
  const name = basename(archive);
  if (await hasSum(archive, wanted, signal)) return;
  await download(url, archive, {
    ...options,
    onBytes(done, total = 0) {
      const of = total === 0 ? "" : ` of ${mebi(total)}`;
      onProgress(total === 0 ? 0 : (done / total) * 80, `downloading ${name}, ${mebi(done)}${of} MiB`);
    },
  });
  onProgress(80, `comparing the checksum of ${name}`);
  if (await hasSum(archive, wanted, signal)) return;
  await rm(archive, { force: true });
  throw new LabError({
    code: "E_CHECKSUM",
    message: `${url} is not what its publisher says: its SHA512 is not ${wanted.slice(0, 16)}…; it was deleted`,
    hint: "lab image build fetches it anew; where it stays so, something between you and the server changes it",
  });
}

async function hasSum(path: string, wanted: string, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    return (await digestFile(path, "sha512", { signal })) === wanted;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

function mebi(bytes: number): number {
  return Math.round(bytes / 1024 ** 2);
}

/** xz takes its suffix off the name, makes the file sparse, and keeps nothing of one that is broken. */
async function unpack(exec: Exec, archive: string, draft: string, signal: AbortSignal | undefined): Promise<void> {
  const packed = `${draft}.xz`;
  // A second name of the download, which stays: --force is for that.
  await link(archive, packed);
  try {
    const result = await exec.try(["xz", "--decompress", "--keep", "--force", packed], {
      signal,
      timeoutMs: 3_600_000,
    });
    if (result.exitCode === undefined && signal?.aborted !== true) {
      const hint = process.platform === "freebsd" ? "xz is part of FreeBSD's base" : "apt-get install xz-utils";
      throw new HostError({ code: "E_NO_XZ", message: `xz: ${result.failure ?? "does not run"}`, hint });
    }
    signal?.throwIfAborted();
    if (result.failure === undefined) return;
    throw new LabError({
      code: "E_UNPACK",
      message: `${basename(archive)}: ${result.stderr.trim() || result.failure}`,
      hint: `make room in ${dirname(archive)}, then lab image build, which goes on with the download that is there`,
    });
  } finally {
    await rm(packed, { force: true });
  }
}

/** Whether UEFI can start it; throws for what is no disk. */
async function checkDisk(draft: string, file: string): Promise<boolean> {
  const handle = await open(draft, "r");
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    const head = buffer.subarray(0, bytesRead);
    const detected = detectFormat(head);
    if (detected.is === "disk" && detected.format === "raw") return hasEfiSystem(head);
    throw new LabError({ code: "E_IMAGE_FORMAT", message: `${file} holds no raw disk`, hint: "lab image import" });
  } finally {
    await handle.close();
  }
}
