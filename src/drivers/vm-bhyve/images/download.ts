/**
 * Downloads of large files over HTTP: what an interrupted one has got stays and is gone on with, as long as the server says
 * that the file is still the same (RFC 9110, sections 13.1.5 and 14). The file appears under its name when it is whole.
 */
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { LabError } from "../../../errors.ts";
import type { Clock } from "../../../system/clock.ts";
import { isMissing, makeDirectory, replaceFile } from "../../../system/files.ts";
import { withPath } from "../../../system/trouble.ts";

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

/** What is known of a file that is not whole yet. */
interface Part {
  readonly url: string;
  /** A strong ETag or the date of the last change; without one, nothing is gone on with. */
  readonly validator?: string;
  readonly total?: number;
}

/** Downloads to `path`. Throws LabError where the server refuses or the connection keeps breaking. */
export async function download(url: string, path: string, options: DownloadOptions): Promise<void> {
  await makeDirectory(dirname(path));
  let patience = options.patience ?? usualPatience;
  for (;;) {
    const before = await sizeOf(partOf(path));
    try {
      await continueOnce(url, path, options);
      break;
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      options.signal?.throwIfAborted();
      patience -= (await sizeOf(partOf(path))) > before ? 1 : 3;
      if (patience < 0) throw gaveUp(url, error);
      await options.clock.pause(pauseMs, options.signal);
      options.signal?.throwIfAborted();
    }
  }
  await rename(partOf(path), path);
  await rm(recordOf(path), { force: true });
}

/** The text of a small file. */
export async function downloadText(url: string, options: DownloadOptions): Promise<string> {
  try {
    const response = await ask(url, {}, quiet(options).signal);
    return await response.text();
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error instanceof LabError ? error : gaveUp(url, error);
  }
}

/** A connection that broke: to be tried again. */
class Broken extends Error {}

const partOf = (path: string) => `${path}.part`;
const recordOf = (path: string) => `${path}.part.json`;

async function continueOnce(url: string, path: string, options: DownloadOptions): Promise<void> {
  const silence = quiet(options);
  try {
    const { response, start } = await askForRest(url, path, silence.signal);
    if (response === undefined) return;
    const total = totalOf(response);
    const part: Part = { url, ...validatorOf(response), ...(total !== undefined && { total }) };
    await replaceFile(recordOf(path), JSON.stringify(part));
    const done = await save(response, path, start, (size) => {
      silence.heard();
      options.onBytes?.(size, total);
    });
    if (total !== undefined && done !== total) throw new Broken(`it ended after ${done} of ${total} bytes`);
  } catch (error) {
    if (isOurs(error)) throw error;
    throw new Broken(silence.passed() ? "it fell silent" : reasonOf(error), { cause: error });
  } finally {
    silence.end();
  }
}

/** The rest of the file, or all of it; no response where everything is there. */
async function askForRest(
  url: string,
  path: string,
  signal: AbortSignal,
): Promise<{ readonly response: Response | undefined; readonly start: number }> {
  const { validator = "", total } = await readPart(path, url);
  const have = validator === "" ? 0 : await sizeOf(partOf(path));
  if (have === 0) return { response: await ask(url, {}, signal), start: 0 };
  const response = await ask(url, { range: `bytes=${have}-`, "if-range": validator }, signal, [206, 416]);
  if (response.status === 200) return { response, start: 0 };
  if (response.status === 206 && startOf(response) === have) return { response, start: have };
  await response.body?.cancel();
  if (response.status === 416 && have === total) return { response: undefined, start: have };
  await rm(partOf(path), { force: true });
  throw new Broken("the server's file is another one now");
}

/** Writes what comes behind the first `start` bytes; returns the size of the file. */
async function save(response: Response, path: string, start: number, onSize: (size: number) => void): Promise<number> {
  const file = await open(partOf(path), start === 0 ? "w" : "r+").catch((error: unknown) => {
    throw withPath(error, partOf(path));
  });
  let size = start;
  try {
    await file.truncate(start);
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      await file.write(chunk, 0, chunk.length, size);
      size += chunk.length;
      onSize(size);
    }
  } catch (error) {
    throw withPath(error, partOf(path));
  } finally {
    // Also of a connection that broke: what has come is worth keeping.
    await file.sync();
    await file.close();
  }
  return size;
}

/** Not of the connection: the file system, or a refusal. */
function isOurs(error: unknown): boolean {
  return error instanceof LabError || error instanceof Broken || (error instanceof Error && "path" in error);
}

async function ask(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  also: readonly number[] = [],
): Promise<Response> {
  // A file that was packed for the way would have another size, and other checksums.
  const response = await fetch(url, { signal, headers: { "accept-encoding": "identity", ...headers } });
  if (response.status === 200 || also.includes(response.status)) return response;
  await response.body?.cancel();
  const said = `${response.status} ${response.statusText}`.trim();
  if (response.status >= 500 || response.status === 429) throw new Broken(said);
  throw new LabError({
    code: "E_DOWNLOAD",
    message: `${url}: the server says ${said}`,
    hint: "if it has moved, fetch it yourself and use lab image import",
  });
}

function startOf(response: Response): number {
  return Number(/^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1] ?? Number.NaN);
}

function totalOf(response: Response): number | undefined {
  const header = response.status === 206 ? "content-range" : "content-length";
  const digits = /(\d+)$/.exec(response.headers.get(header) ?? "")?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** A weak ETag may stand for other bytes, so it is none. */
function validatorOf(response: Response): Pick<Part, "validator"> {
  const etag = response.headers.get("etag");
  const validator = etag?.startsWith('"') === true ? etag : response.headers.get("last-modified");
  return validator === null ? {} : { validator };
}

async function readPart(path: string, url: string): Promise<Partial<Part>> {
  try {
    const part = JSON.parse(await readFile(recordOf(path), "utf8")) as Part;
    return part.url === url ? part : {};
  } catch {
    // Without a record that can be read, the download begins anew.
    return {};
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
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

/** fetch says only that it failed; why is behind it. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function gaveUp(url: string, error: unknown): LabError {
  return new LabError({
    code: "E_DOWNLOAD",
    message: `${url}: ${reasonOf(error instanceof Broken ? new Error(error.message) : error)}`,
    hint: "the same command goes on with what has come so far",
    cause: error,
  });
}
