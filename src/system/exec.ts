/** The only file that starts processes. Commands are argv arrays; nothing here knows of labs. */
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import type { Duplex } from "node:stream";
import { execa } from "execa";
import { CommandError, lastLines } from "../errors.ts";
import { readTextOr } from "./files.ts";

export interface RunOptions {
  /** Text or bytes for standard input; `/dev/null` if absent. */
  readonly input?: string | Uint8Array;
  readonly timeoutMs?: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Each line of stdout and stderr as it comes, for progress. */
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
  /** Let Ctrl-C on the terminal reach the command; off by default: we decide when to stop. */
  readonly foreground?: boolean;
  readonly signal?: AbortSignal;
}

export interface RunResult {
  readonly argv: readonly string[];
  /** Undefined when the program could not be started or was killed. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it failed in one clause; undefined on exit code 0. */
  readonly failure: string | undefined;
}

export interface Exec {
  /** Runs to the end and returns the result whatever it is. */
  try(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Runs to the end; throws CommandError unless the exit code is 0. */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Starts a process in a session of its own that outlives us, and waits for its first line on stdout. */
  detach(argv: readonly string[], options: DetachOptions): Promise<{ readonly pid: number; readonly line: string }>;
  /** Starts a process whose stdin and stdout are one stream, for a ProxyCommand. */
  duplex(argv: readonly string[]): Duplex;
  /** Hands the terminal over to a program and returns its exit code. */
  interact(argv: readonly string[], env?: Readonly<Record<string, string>>): Promise<number>;
}

export interface DetachOptions {
  /** Standard error goes here, and is the tail of the error text. */
  readonly log: string;
  readonly timeoutMs: number;
}

/** Runs commands on this machine. */
export const localExec: Exec = {
  try: tryRun,
  async run(argv, options = {}) {
    const result = await tryRun(argv, options);
    if (result.failure !== undefined) {
      throw new CommandError(argv, result.exitCode, result.failure, result.stderr);
    }
    return result;
  },
  detach,
  duplex(argv) {
    const [file = "", ...args] = argv;
    // Detached, so that a Ctrl-C of the terminal does not cut connections that the clean-up still needs.
    const child = execa(file, args, {
      stdin: "pipe",
      stderr: "ignore",
      reject: false,
      buffer: false,
      detached: true,
      cleanup: false,
      env: locale,
    });
    const stream = child.duplex({ binary: true, preserveNewlines: true });
    stream.on("close", () => child.kill());
    return stream;
  },
  async interact(argv, env = {}) {
    const [file = "", ...args] = argv;
    const result = await execa(file, args, { stdio: "inherit", reject: false, env });
    return result.exitCode ?? 1;
  },
};

/** Tools whose text we read answer in English. */
const locale = { LC_ALL: "C" };

async function tryRun(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [file = "", ...args] = argv;
  const child = execa(file, args, {
    reject: false,
    detached: options.foreground !== true,
    stripFinalNewline: false,
    env: { ...locale, ...options.env },
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  const { onLine } = options;
  if (onLine !== undefined) {
    const follow = async (stream: "stdout" | "stderr") => {
      for await (const line of child.iterable({ from: stream })) {
        onLine(String(line), stream);
      }
    };
    await Promise.allSettled([follow("stdout"), follow("stderr")]);
  }
  const result = await child;
  return {
    argv,
    exitCode: result.exitCode,
    stdout: String(result.stdout ?? ""),
    stderr: String(result.stderr ?? ""),
    failure: describeFailure(result),
  };
}

function describeFailure(result: {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly timedOut: boolean;
  readonly isCanceled: boolean;
  readonly code?: string | undefined;
}): string | undefined {
  if (result.timedOut) return "took too long";
  if (result.isCanceled) return "was interrupted";
  if (result.code === "ENOENT") return "no such program on this machine";
  if (result.code === "EACCES") return "may not be executed";
  if (result.signal !== undefined) return `was ended by ${result.signal}`;
  return result.exitCode === 0 ? undefined : `failed with exit code ${result.exitCode ?? "unknown"}`;
}

async function detach(argv: readonly string[], options: DetachOptions): Promise<{ pid: number; line: string }> {
  const [file = "", ...args] = argv;
  const log = createWriteStream(options.log, { flags: "a", mode: 0o600 });
  await once(log, "open");
  const child = execa(file, args, {
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
    stdin: "ignore",
    stderr: log,
    env: locale,
  });
  log.end();
  const { stdout, pid } = child;
  const line = await firstLine(stdout, options.timeoutMs);
  // Closing the pipe and letting go of the child: our exit must not wait for it.
  stdout.destroy();
  child.unref();
  if (line === undefined || pid === undefined) {
    throw new CommandError(argv, undefined, "did not come up", lastLines(await readTextOr(options.log, ""), 8));
  }
  return { pid, line };
}

function firstLine(stream: NodeJS.ReadableStream, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = "";
    const timer = setTimeout(() => resolve(undefined), timeoutMs);
    const settle = (line: string | undefined) => {
      clearTimeout(timer);
      resolve(line);
    };
    stream.on("data", (chunk: Uint8Array | string) => {
      text += chunk.toString();
      const end = text.indexOf("\n");
      if (end >= 0) settle(text.slice(0, end));
    });
    stream.on("end", () => settle(undefined));
    stream.on("error", () => settle(undefined));
  });
}
