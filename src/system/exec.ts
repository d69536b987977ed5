/** Runs commands on this machine, argv arrays all of them; nothing here knows of labs. */
import type { Duplex } from "node:stream";
import { execa } from "execa";
import { CommandError, wasInterrupted } from "../errors.ts";
import { type Detached, type DetachOptions, detachProcess } from "./detach.ts";
import { openDuplex } from "./duplex.ts";
import { watchGroup } from "./group.ts";
import { postGuard } from "./guard.ts";

export interface RunOptions {
  /** Text or bytes for standard input; `/dev/null` if absent. */
  readonly input?: string | Uint8Array;
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Each line of stdout and stderr as it comes, for progress. */
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
  readonly signal?: AbortSignal | undefined;
  /** How long it may take to end once it is told to; 2 s if absent. */
  readonly graceMs?: number;
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
  detach(argv: readonly string[], options: DetachOptions): Promise<Detached>;
  /** Starts a process whose stdin and stdout are one stream, for a ProxyCommand; it ends with the stream. */
  duplex(argv: readonly string[]): Duplex;
  /** Hands the terminal over to a program and returns its exit code; throws CommandError if it cannot be started. */
  interact(argv: readonly string[], env?: Readonly<Record<string, string>>): Promise<number>;
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
  detach: detachProcess,
  duplex: openDuplex,
  async interact(argv, env = {}) {
    const [file = "", ...args] = argv;
    const result = await execa(file, args, { stdio: "inherit", reject: false, env });
    if (result.exitCode !== undefined) return result.exitCode;
    throw new CommandError(argv, undefined, describeFailure(result) ?? "failed", "");
  },
};

/** Tools whose text we read answer in English. */
const locale = { LC_ALL: "C" };

async function tryRun(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  if (options.signal?.aborted === true) {
    return { argv, exitCode: undefined, stdout: "", stderr: "", failure: wasInterrupted };
  }
  const [file = "", ...args] = argv;
  postGuard();
  const child = execa(file, args, {
    reject: false,
    // Ctrl-C on the terminal does not reach it: we decide when to stop.
    detached: true,
    stripFinalNewline: false,
    env: { ...locale, ...options.env },
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
  });
  const watch = watchGroup(child, options);
  try {
    if (options.onLine !== undefined) await followLines(child, options.onLine);
    const result = await child;
    return {
      argv,
      exitCode: result.exitCode,
      stdout: String(result.stdout ?? ""),
      stderr: String(result.stderr ?? ""),
      failure: watch.cause() ?? describeFailure(result),
    };
  } finally {
    watch.stop();
  }
}

/** Hands over lines until both streams end. A listener that throws is told of it only then: the command goes on. */
async function followLines(
  child: { iterable(options: { from: "stdout" | "stderr" }): AsyncIterable<unknown> },
  onLine: NonNullable<RunOptions["onLine"]>,
): Promise<void> {
  const bugs: unknown[] = [];
  const follow = async (stream: "stdout" | "stderr") => {
    for await (const line of child.iterable({ from: stream })) {
      try {
        onLine(String(line), stream);
      } catch (error) {
        bugs.push(error);
      }
    }
  };
  // That the command failed is said by its result.
  await Promise.allSettled([follow("stdout"), follow("stderr")]);
  if (bugs.length > 0) throw bugs[0];
}

/** The same, with variables in every command that it runs to the end. */
export function withVariables(exec: Exec, env: Readonly<Record<string, string>>): Exec {
  const add = (options: RunOptions = {}): RunOptions => ({ ...options, env: { ...env, ...options.env } });
  return {
    ...exec,
    try: (argv, options) => exec.try(argv, add(options)),
    run: (argv, options) => exec.run(argv, add(options)),
  };
}

function describeFailure(result: {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly code?: string | undefined;
}): string | undefined {
  if (result.code === "ENOENT") return "no such program on this machine";
  if (result.code === "EACCES") return "may not be executed";
  if (result.signal !== undefined) return `was ended by ${result.signal}`;
  return result.exitCode === 0 ? undefined : `failed with exit code ${result.exitCode ?? "unknown"}`;
}
