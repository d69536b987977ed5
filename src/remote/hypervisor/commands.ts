/** Commands on a hypervisor: questions, which may be asked again over a new connection, and acts, which are done once. */
import { randomUUID } from "node:crypto";
import type { Client } from "ssh2";
import { wasInterrupted } from "../../errors.ts";
import type { RunOptions, RunResult } from "../../system/exec.ts";
import { quoteForShell } from "../quote.ts";
import type { Channels } from "./channels.ts";
import type { Files } from "./files.ts";
import { clearScript, jobScript, readOutcome, sweepScript } from "./job.ts";
import type { Link } from "./link.ts";
import type { Privilege } from "./privilege.ts";
import { runScript, type Said, type ScriptOptions } from "./script.ts";

export interface CommandsOptions {
  readonly link: Link;
  readonly files: Files;
  readonly channels: Channels;
  readonly privilege: (client: Client) => Promise<Privilege>;
  /** Private to the login, relative to its home directory: `.lab/OWNER`. */
  readonly place: string;
}

export interface Commands {
  ask(argv: readonly string[], options: RunOptions): Promise<RunResult>;
  act(argv: readonly string[], options: RunOptions): Promise<RunResult>;
  /** Removes the place of the acts. */
  tidy(): Promise<void>;
}

const usualMs = 120_000;
/** How the command ended is not known: whatever was to record it is gone. */
const unrecorded = "was cut off, and nothing tells how far it came";

export function remoteCommands(options: CommandsOptions): Commands {
  const { link, files, channels, privilege, place } = options;
  let swept: Promise<void> | undefined;
  const stale: string[] = [];
  const run = `${place}/${randomUUID()}`;
  let jobs = 0;

  const sweep = () =>
    (swept ??= channels.commands(() =>
      link.withClient(async (client) => {
        const { words } = await privilege(client);
        await runScript(client, sweepScript(place, run, words), { timeoutMs: usualMs, asRoot: words });
      }),
    ));

  return {
    async ask(argv, given) {
      if (given.signal?.aborted === true) return ended(argv, wasInterrupted);
      const said = await channels.commands(() =>
        link.withClient(async (client) => {
          const found = await privilege(client);
          const body = `${commandText(found, argv, given.env)} </dev/null\nexit $?`;
          return runScript(client, `${searchPath}\n${body}`, { ...scriptOptions(given, found), interruptBy: "INT" });
        }, given.signal),
      );
      return resultOf(argv, said, link.name);
    },

    async act(argv, given) {
      if (given.signal?.aborted === true) return ended(argv, wasInterrupted);
      swept = sweep();
      await swept.catch((error: unknown) => {
        swept = undefined;
        throw error;
      });
      jobs += 1;
      const directory = `${run}/${jobs}`;
      const said = await channels.commands(() =>
        link.withClient(async (client) => {
          const found = await privilege(client);
          if (given.input !== undefined) await files.prepare(client, directory, given.input);
          const command = commandText(found, argv, given.env);
          const job = { directory, command, hasInput: given.input !== undefined };
          const clear = clearScript(stale.splice(0));
          return runScript(client, `${searchPath}\n${clear}\n${jobScript(job)}`, scriptOptions(given, found));
        }),
      );
      // Only now: as long as nobody has the answer, the record is all there is.
      stale.push(directory);
      return outcomeOf(argv, said, link.name);
    },

    async tidy() {
      const [parent = place] = place.split("/");
      const script = `${quoteForShell(["rm", "-rf", place])}; ${quoteForShell(["rmdir", parent])} 2>/dev/null; exit 0`;
      await channels.commands(() =>
        link.withClient((client) => runScript(client, script, { timeoutMs: usualMs, asRoot: [] })),
      );
      swept = undefined;
      stale.length = 0;
    },
  };
}

function scriptOptions(given: RunOptions, { words }: Privilege): ScriptOptions {
  return {
    timeoutMs: given.timeoutMs ?? usualMs,
    signal: given.signal,
    asRoot: words,
    onLine: given.onLine,
  };
}

/** Administrators' tools are in directories that logins may not have. */
const searchPath = "PATH=$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin";

/**
 * By env(1), which tells a program that is missing from one that fails, as doas and sudo do not; they also have search paths
 * of their own.
 */
function commandText(
  { words }: Privilege,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return `${quoteForShell([...words, "env", "LC_ALL=C"])} PATH="$PATH" ${quoteForShell([...variables, ...argv])}`;
}

function ended(argv: readonly string[], failure: string): RunResult {
  return { argv, exitCode: undefined, stdout: "", stderr: "", failure };
}

function resultOf(argv: readonly string[], said: Said, name: string): RunResult {
  const { stdout, stderr } = said;
  if (said.cut !== undefined) return { ...ended(argv, said.cut), stdout, stderr };
  if (said.exitCode === undefined) {
    return { ...ended(argv, `was ended by SIG${said.signal ?? "KILL"}`), stdout, stderr };
  }
  return { argv, stdout, stderr, ...judge(said.exitCode, name) };
}

/** Of a job: its script ended, or told how its command did. */
function outcomeOf(argv: readonly string[], said: Said, name: string): RunResult {
  const outcome = readOutcome(said.stdout);
  if (outcome === "gone") return ended(argv, unrecorded);
  if (outcome === undefined) return { ...resultOf(argv, said, name), stdout: "", failure: said.cut ?? unrecorded };
  const { stderr } = said;
  const result = { argv, stdout: outcome.stdout, stderr, ...judge(outcome.code, name) };
  return said.cut === undefined ? result : { ...result, failure: said.cut };
}

/** What env(1) exits with, and what shells make of signals. */
function judge(code: number, name: string): Pick<RunResult, "exitCode" | "failure"> {
  if (code === 127) return { exitCode: undefined, failure: `no such program on ${name}` };
  if (code === 126) return { exitCode: undefined, failure: "may not be executed" };
  return { exitCode: code, failure: code === 0 ? undefined : `failed with exit code ${code}` };
}
