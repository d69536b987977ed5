/**
 * Downloads of large files over HTTP: what an interrupted one has got stays and is gone on with, as long as the server says
 * that the file is still the same. The file appears under its name when it is whole.
 */
import { closeSync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { LabError } from "../../../errors.ts";
import type { Clock } from "../../../system/clock.ts";
import { makeDirectory } from "../../../system/files.ts";
import { withPath } from "../../../system/trouble.ts";
import { ask, Broken, drain, type Reply } from "./http.ts";
import { isRestOf, isSameFile, type Known, knownOf, openPart, type Part } from "./part.ts";

export interface DownloadOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Bytes so far, and of how many where the server says so. */
  readonly onBytes?: (done: number, total: number | undefined) => void;
  /** How often a connection that brought something may break; one that brings nothing counts three times. */
  readonly patience?: number;
  /** A connection that is silent for so long is broken. */
  readonly silenceMs?: number;
}

const usualPatience = 30;
const usualSilenceMs = 60_000;
const pauseMs = 1000;
/** Of a text, in bytes. */
const mostText = 1024 * 1024;

/** Downloads to `path`. Throws LabError where the server refuses or the connection keeps breaking. */
export async function download(url: string, path: string, options: DownloadOptions): Promise<void> {
  await makeDirectory(dirname(path));
  const part = openPart(path);
  let patience = options.patience ?? usualPatience;
  for (;;) {
    const before = await part.size();
    try {
      await continueOnce(url, part, options);
      break;
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      options.signal?.throwIfAborted();
      patience -= (await part.size()) > before ? 1 : 3;
      if (patience < 0) throw gaveUp(url, error);
      await options.clock.pause(pauseMs, options.signal);
      options.signal?.throwIfAborted();
    }
  }
  await part.finish();
}

/** The text of a small file. */
export async function downloadText(url: string, options: DownloadOptions): Promise<string> {
  const silence = quiet(options);
  const pieces: Buffer[] = [];
  try {
    let size = 0;
    await drain(await ask(url, {}, silence.signal), (piece) => {
      size += piece.length;
      if (size > mostText) throw new Error(`it is longer than ${mostText} bytes`);
      pieces.push(piece);
      silence.heard();
    });
    return Buffer.concat(pieces).toString("utf8");
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error instanceof LabError ? error : gaveUp(url, error);
  } finally {
    silence.end();
  }
}

async function continueOnce(url: string, part: Part, options: DownloadOptions): Promise<void> {
  const silence = quiet(options);
  try {
    const rest = await askForRest(url, part, silence.signal);
    if (rest === undefined) return;
    const { known } = rest;
    const done = await save(rest, part, (size) => {
      silence.heard();
      options.onBytes?.(size, known.total);
    });
    if (known.total !== undefined && done !== known.total) {
      throw new Broken(`it ended after ${done} of ${known.total} bytes`);
    }
  } catch (error) {
    if (isOurs(error)) throw error;
    throw new Broken(silence.passed() ? "it fell silent" : reasonOf(error), { cause: error });
  } finally {
    silence.end();
  }
}

interface Rest {
  readonly reply: Reply;
  readonly known: Known;
  /** Where in the file it begins. */
  readonly start: number;
  /** So many bytes of the part are of the same file. */
  readonly keep: number;
}

/** The rest of the file, or all of it; undefined where everything is there. */
async function askForRest(url: string, part: Part, signal: AbortSignal): Promise<Rest | undefined> {
  const before = await part.known(url);
  const { validator = "" } = before;
  const have = validator === "" ? 0 : await part.size();
  if (have === 0) {
    const reply = await ask(url, {}, signal);
    return { reply, known: knownOf(url, reply), start: 0, keep: 0 };
  }
  const reply = await ask(url, { range: `bytes=${have}-`, "if-range": validator }, signal, [206, 416]);
  const now = knownOf(url, reply);
  // A server without ranges sends all of it, the same bytes again: until they are passed, nothing is lost.
  if (reply.status === 200) return { reply, known: now, start: 0, keep: isSameFile(before, now) ? have : 0 };
  if (reply.status === 206 && isRestOf(reply, before, have)) {
    return { reply, known: { ...before, ...now }, start: have, keep: have };
  }
  reply.body.destroy();
  if (reply.status === 416 && have === now.total) return undefined;
  await part.drop();
  throw new Broken("the server's file is another one now");
}

/**
 * Writes it to its place; returns the size of the file. Each piece is on its way to the disk before the next is heard of: what
 * would wait in between is lost when the connection breaks.
 */
async function save({ reply, known, start, keep }: Rest, part: Part, onSize: (size: number) => void): Promise<number> {
  const named = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      throw withPath(error, part.path);
    }
  };
  const file = named(() => openSync(part.path, keep === 0 ? "w" : "r+"));
  let size = start;
  try {
    part.note(known);
    named(() => ftruncateSync(file, keep));
    await drain(reply, (piece) => {
      named(() => {
        for (let at = 0; at < piece.length;) at += writeSync(file, piece, at, piece.length - at, size + at);
      });
      size += piece.length;
      onSize(size);
    });
  } finally {
    // Also of a connection that broke: what has come is worth keeping.
    fsyncSync(file);
    closeSync(file);
  }
  return size;
}

/** Not of the connection: the file system, or a refusal. */
function isOurs(error: unknown): boolean {
  return error instanceof LabError || error instanceof Broken || (error instanceof Error && "path" in error);
}

/** Aborts with the run, or when nothing has been heard for too long. */
function quiet({ signal, silenceMs = usualSilenceMs }: DownloadOptions) {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), silenceMs);
  timer.unref();
  return {
    signal: signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]),
    heard: () => void timer.refresh(),
    passed: () => silence.signal.aborted,
    end: () => clearTimeout(timer),
  };
}

/** Of a host with several addresses, why each did not answer. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}

function gaveUp(url: string, error: unknown): LabError {
  return new LabError({
    code: "E_DOWNLOAD",
    message: `${url}: ${reasonOf(error)}`,
    hint: "the same command goes on with what has come so far",
    cause: error,
  });
}
