/** What an interrupted download has got, and what is known of the file that it is the beginning of (RFC 9110, 13.1.5 and 14). */
import { renameSync, writeFileSync } from "node:fs";
import { readFile, rename, rm, stat } from "node:fs/promises";
import { withPath } from "../../../system/trouble.ts";
import { isMissing } from "../../../system/files.ts";
import type { Reply } from "./http.ts";

/** What is known of a file that is not whole yet. */
export interface Known {
  readonly url: string;
  /** A strong ETag or the date of the last change; without one, nothing is gone on with. */
  readonly validator?: string;
  /** Bytes of the whole file. */
  readonly total?: number;
}

export interface Part {
  /** Where the bytes are. */
  readonly path: string;
  size(): Promise<number>;
  /** Empty for what is of another address, or cannot be read: then the download begins anew. */
  known(url: string): Promise<Partial<Known>>;
  /** At once: while something else is waited for, what a breaking connection has brought could get lost. */
  note(known: Known): void;
  drop(): Promise<void>;
  /** Gives it its name. */
  finish(): Promise<void>;
}

export function openPart(target: string): Part {
  const path = `${target}.part`;
  const record = `${target}.part.json`;
  return {
    path,
    async size() {
      try {
        return (await stat(path)).size;
      } catch (error) {
        if (isMissing(error)) return 0;
        throw error;
      }
    },
    async known(url) {
      try {
        const known = JSON.parse(await readFile(record, "utf8")) as Known;
        return known.url === url ? known : {};
      } catch {
        return {};
      }
    },
    note(known) {
      try {
        writeFileSync(`${record}.new`, JSON.stringify(known));
        renameSync(`${record}.new`, record);
      } catch (error) {
        throw withPath(error, record);
      }
    },
    drop: () => rm(path, { force: true }),
    async finish() {
      await rename(path, target);
      await rm(record, { force: true });
    },
  };
}

/** What a reply says of the file that it is, or is a part of. A weak ETag may stand for other bytes, so it is none. */
export function knownOf(url: string, reply: Reply): Known {
  const etag = reply.header("etag");
  const validator = etag?.startsWith('"') === true ? etag : reply.header("last-modified");
  const total = totalOf(reply);
  return { url, ...(validator !== undefined && { validator }), ...(total !== undefined && { total }) };
}

function totalOf(reply: Reply): number | undefined {
  const header = reply.status === 200 ? "content-length" : "content-range";
  const digits = /(\d+)$/.exec(reply.header(header) ?? "")?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Whether a reply of 206 is the rest of this very file, from there on: servers may overlook If-Range. */
export function isRestOf(reply: Reply, before: Partial<Known>, have: number): boolean {
  const now = knownOf("", reply);
  const [, start, end] = /^bytes (\d+)-(\d+)\/\d+$/.exec(reply.header("content-range") ?? "") ?? [];
  return (
    Number(start) === have &&
    Number(end) + 1 === now.total &&
    (before.total === undefined || before.total === now.total) &&
    (now.validator === undefined || now.validator === before.validator)
  );
}

/** Whether the whole file that comes is the one that the part is of. */
export function isSameFile(before: Partial<Known>, now: Known): boolean {
  return before.validator === now.validator && before.total === now.total;
}
