/** Starts a process in a session of its own that outlives us: the sandbox of a lab. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, fstatSync, openSync } from "node:fs";
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { CommandError, lastLines } from "../errors.ts";
import { signalGroup } from "./group.ts";

export interface DetachOptions {
  /** Standard error goes here, and is the tail of the error text. */
  readonly log: string;
  readonly timeoutMs: number;
}

export interface Detached {
  readonly pid: number;
  /** The first line on its standard output, which it must not write to again: nobody reads on. */
  readonly line: string;
}

/** Waits for the first line on stdout. Throws CommandError, with nothing left running, if none comes in time. */
export async function detachProcess(argv: readonly string[], options: DetachOptions): Promise<Detached> {
  const [file = "", ...args] = argv;
  const log = openSync(options.log, "a", 0o600);
  const logStart = fstatSync(log).size;
  const child = startLogged(file, args, log);
  const failed = once(child, "error").then(([error]) => reasonOf(error));
  const outcome = await Promise.race([firstLine(child.stdout, options.timeoutMs), failed]);
  // Closing the pipe and letting go of the child: our exit must not wait for it.
  child.stdout?.destroy();
  child.unref();
  if ("line" in outcome && child.pid !== undefined) return { pid: child.pid, line: outcome.line };
  signalGroup(child.pid, "SIGKILL");
  const why = "why" in outcome ? outcome.why : "did not come up";
  throw new CommandError(argv, undefined, why, await tailFrom(options.log, logStart));
}

/** With standard error going to `log`, which is closed on our side. */
function startLogged(file: string, args: readonly string[], log: number) {
  try {
    return spawn(file, [...args], { detached: true, stdio: ["ignore", "pipe", log] });
  } finally {
    closeSync(log);
  }
}

type Outcome = { readonly line: string } | { readonly why: string };

function reasonOf(error: unknown): Outcome {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return { why: code === "ENOENT" ? "no such program on this machine" : `could not be started (${String(code)})` };
}

function firstLine(stream: Readable | null, timeoutMs: number): Promise<Outcome> {
  return new Promise((resolve) => {
    let text = "";
    const settle = (outcome: Outcome) => {
      clearTimeout(timer);
      resolve(outcome);
    };
    const timer = setTimeout(() => settle({ why: `did not come up in ${timeoutMs / 1000} s` }), timeoutMs);
    stream?.setEncoding("utf8");
    stream?.on("data", (chunk: string) => {
      text += chunk;
      const end = text.indexOf("\n");
      if (end >= 0) settle({ line: text.slice(0, end) });
    });
    stream?.once("end", () => settle({ why: "did not come up" }));
    stream?.once("error", () => settle({ why: "did not come up" }));
  });
}

/** What this process logged; what another wrote before it is no news. */
async function tailFrom(path: string, start: number): Promise<string> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    return lastLines(buffer.toString("utf8", 0, bytesRead), 8);
  } finally {
    await file.close();
  }
}
