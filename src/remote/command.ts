/** One command over an open SSH connection: its output, its end, its deadline, and the end of the connection meanwhile. */
import type { Client, ClientChannel } from "ssh2";
import { NodeError, exitCodes } from "../errors.ts";
import { markAct } from "./acts.ts";
import { makeBatch } from "./batch.ts";
import { announcing, interruptWith, readAnnounced } from "./interruptible.ts";
import { splitLines } from "./lines.ts";
import { type Choice, quoteChoice, quoteForShell } from "./quote.ts";

type Argv = readonly string[];

export interface RemoteResult {
  readonly argv: readonly string[];
  /** Undefined when the command was ended by a signal. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** The result of the command that was chosen, if there was one. */
export interface ChoiceResult extends RemoteResult {
  /** Whether the condition holds. */
  readonly holds: boolean;
}

export interface RemoteOptions {
  readonly input?: string;
  readonly timeoutMs?: number;
  /** It changes something: who comes again after the connection was lost waits for its end. See `awaitActs`. */
  readonly act?: true;
  /** Interrupts the command on the node; its result is what it then says, or NodeError if it does not end. */
  readonly signal?: AbortSignal;
  /** How long it may take to end once it is told to; 2 s if absent. */
  readonly graceMs?: number;
  /** Each line of standard output as it comes, and then not in the result. One without an end is an error. */
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
}

const commandTimeoutMs = 60_000;

/** Runs to the end whatever the exit code; throws NodeError when the connection or the deadline fails. */
export function execute(
  node: string,
  client: Client,
  argv: readonly string[],
  options: RemoteOptions,
): Promise<RemoteResult> {
  const line = quoteForShell(argv);
  return executeLine(node, client, options.act === true ? markAct(line) : line, argv, options);
}

/**
 * Runs commands one after the other over one channel, each whatever the exit code of the others; they share one deadline.
 * Throws like `execute`, also when the channel ends before the last of them.
 */
export function executeBatch(
  node: string,
  client: Client,
  commands: readonly Argv[],
  options: RemoteOptions,
): Promise<RemoteResult[]> {
  const lines = commands.map((argv) => ({ argv, line: `${quoteForShell(argv)} </dev/null` }));
  return executeLines(node, client, lines, options);
}

/** Makes choices one after the other over one channel, as `executeBatch` runs commands. */
export async function executeChoices(
  node: string,
  client: Client,
  choices: readonly Choice[],
  options: RemoteOptions,
): Promise<ChoiceResult[]> {
  const lines = choices.map((choice) => ({ argv: choice.whether, line: quoteChoice(choice) }));
  const results = await executeLines(node, client, lines, options);
  return results.map((result, index) => {
    const holds = result.stdout.startsWith("yes\n");
    const argv = (holds ? choices[index]?.ifSo : choices[index]?.ifNot) ?? result.argv;
    return Object.assign({ holds }, result, { argv, stdout: result.stdout.slice(result.stdout.indexOf("\n") + 1) });
  });
}

async function executeLines(
  node: string,
  client: Client,
  lines: readonly { readonly argv: Argv; readonly line: string }[],
  options: RemoteOptions,
): Promise<RemoteResult[]> {
  if (lines.length === 0) return [];
  const batch = makeBatch(lines.map(({ line }) => line));
  const all = lines.flatMap(({ argv }) => argv);
  const { stdout, stderr } = await executeLine(node, client, batch.command, all, options);
  const parts = batch.split(stdout, stderr);
  const unended = lines[parts.length];
  if (unended !== undefined) throw connectionLost(node, unended.argv);
  return parts.map((part, index) => Object.assign({ argv: lines[index]?.argv ?? [] }, part));
}

/** `argv` is what errors name. */
function executeLine(
  node: string,
  client: Client,
  line: string,
  argv: Argv,
  options: RemoteOptions,
): Promise<RemoteResult> {
  const { timeoutMs = commandTimeoutMs, signal, graceMs, onLine } = options;
  return new Promise((resolve, reject) => {
    let channel: ClientChannel | undefined;
    let over = false;
    const output = { stdout: "", stderr: "" };
    const settle = (answer: () => void) => {
      over = true;
      clearTimeout(timer);
      forget?.();
      client.removeListener("close", cut);
      answer();
    };
    const cut = () => settle(() => reject(connectionLost(node, argv)));
    const giveUp = (why: NodeError) => {
      settle(() => reject(why));
      channel?.close();
    };
    const timer = setTimeout(() => giveUp(timedOut(node, argv, timeoutMs)), timeoutMs);
    client.once("close", cut);
    const forget =
      signal &&
      interruptWith({
        client,
        signal,
        graceMs,
        stderr: () => output.stderr,
        giveUp: () => giveUp(notEnded(node, argv)),
      });
    const start = (error: Error | undefined, opened: ClientChannel) => {
      if (error !== undefined) {
        settle(() => reject(connectionLost(node, argv, error)));
        return;
      }
      channel = opened;
      // It took so long to start that nobody waits for it any more.
      if (over) opened.close();
      // Without one of the two the command has not ended: the connection has, and closes its channels first.
      let ended: { readonly exitCode: number | undefined } | undefined;
      opened.once("exit", (code: number | null) => (ended = { exitCode: code ?? undefined }));
      // Both streams must be drained, or `close` never comes.
      const hear =
        onLine === undefined
          ? (text: string) => (output.stdout += text)
          : splitLines({
              onLine: (printed) => onLine(printed, "stdout"),
              onEndless: () => giveUp(endless(node, argv)),
            });
      opened.setEncoding("utf8").on("data", hear);
      opened.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
      opened.once("close", () => {
        const result = ended;
        if (signal !== undefined) output.stderr = readAnnounced(output.stderr).rest;
        settle(() =>
          result === undefined ? reject(connectionLost(node, argv)) : resolve({ argv, ...result, ...output }),
        );
      });
      opened.end(options.input ?? "");
    };
    try {
      client.exec(signal === undefined ? line : announcing(line), start);
    } catch (error) {
      // The connection broke a moment ago and has not said so yet.
      settle(() => reject(error instanceof RangeError ? error : connectionLost(node, argv, error)));
    }
  });
}

/** The error of work that the end of the connection cut short. */
export function connectionLost(node: string, argv: readonly string[], cause?: unknown): NodeError {
  return new NodeError(node, {
    code: "E_CONNECTION_LOST",
    message: `connection lost during: ${argv.join(" ")}`,
    hint: `lab logs ${node}`,
    cause,
  });
}

function notEnded(node: string, argv: readonly string[]): NodeError {
  return new NodeError(
    node,
    { code: "E_INTERRUPTED", message: `interrupted, and goes on there: ${argv.join(" ")}`, hint: `lab ssh ${node}` },
    exitCodes.interrupted,
  );
}

function endless(node: string, argv: readonly string[]): NodeError {
  return new NodeError(node, { code: "E_OUTPUT", message: `prints a line without an end: ${argv.join(" ")}` });
}

function timedOut(node: string, argv: readonly string[], timeoutMs: number): NodeError {
  return new NodeError(
    node,
    { code: "E_TIMEOUT", message: `no end after ${timeoutMs / 1000} s: ${argv.join(" ")}`, hint: `lab logs ${node}` },
    exitCodes.notConverged,
  );
}
