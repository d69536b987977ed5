/**
 * Images of virtual machines on this machine: `NAME.raw`, and beside it `NAME.json`, which says what it is and comes last.
 * An image without its record is what a run left that was killed.
 */
import { open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../../system/clock.ts";
import { isMissing, makeDirectory, readTextOr, replaceFile } from "../../../system/files.ts";
import { withPath } from "../../../system/trouble.ts";
import { digestFile, type OnFraction } from "./digest.ts";
import { draftOf, removeDeadDrafts } from "./drafts.ts";

/** What is known of a file when it gets its place. */
export interface Provenance {
  /** Where it comes from: an address, a file, a builder. */
  readonly source: string;
  /** The checksum that its source gave for what was downloaded. */
  readonly published?: string;
  /** Whether UEFI finds something to start. */
  readonly efi: boolean;
  /** `name version` of each package in it, where that is known. */
  readonly packages?: readonly string[];
}

export interface ImageRecord extends Provenance {
  readonly image: string;
  readonly sha256: string;
  readonly size: number;
  /** ISO 8601. */
  readonly made: string;
}

export interface CachedImage {
  readonly path: string;
  /** Its record, as a file. */
  readonly recordPath: string;
  readonly record: ImageRecord;
}

export interface ImageCache {
  readonly directory: string;
  /** Undefined for an image that is not there, or not whole. */
  find(image: string): Promise<CachedImage | undefined>;
  /** A name for what becomes an image, and the end of names that killed runs have left. */
  draft(image: string): Promise<string>;
  /** Gives a draft its place under its name. */
  publish(image: string, draft: string, facts: Provenance, options?: PublishOptions): Promise<CachedImage>;
}

export interface PublishOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onFraction?: OnFraction;
}

export function openImageCache(cache: string, clock: Clock): ImageCache {
  const directory = join(cache, "vm-bhyve");
  const pathOf = (image: string) => join(directory, `${image}.raw`);
  const recordOf = (image: string) => join(directory, `${image}.json`);
  return {
    directory,
    async find(image) {
      const record = parseRecord(await readTextOr(recordOf(image), ""));
      if (record?.image !== image || (await sizeOf(pathOf(image))) !== record.size) return undefined;
      return { path: pathOf(image), recordPath: recordOf(image), record };
    },
    async draft(image) {
      await makeDirectory(directory);
      await removeDeadDrafts(pathOf(image));
      return draftOf(pathOf(image));
    },
    async publish(image, draft, facts, options = {}) {
      const sha256 = await digestFile(draft, "sha256", options);
      const size = await syncFile(draft);
      const made = new Date(clock.now()).toISOString();
      const record: ImageRecord = { image, sha256, size, made, ...facts };
      // In this order, no moment shows one image under the record of another.
      await rm(recordOf(image), { force: true });
      await rename(draft, pathOf(image));
      await replaceFile(recordOf(image), `${JSON.stringify(record, undefined, 2)}\n`);
      return { path: pathOf(image), recordPath: recordOf(image), record };
    },
  };
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Brings a file to the disk; returns its size. */
async function syncFile(path: string): Promise<number> {
  const file = await open(path, "r+");
  try {
    await file.sync();
    return (await file.stat()).size;
  } catch (error) {
    throw withPath(error, path);
  } finally {
    await file.close();
  }
}

/** Undefined for a text that is no record. */
export function parseRecord(text: string): ImageRecord | undefined {
  try {
    const value = JSON.parse(text) as Partial<ImageRecord> | null;
    const texts = [value?.image, value?.sha256, value?.source, value?.made];
    return texts.every((one) => typeof one === "string") && typeof value?.size === "number"
      ? (value as ImageRecord)
      : undefined;
  } catch {
    return undefined;
  }
}
