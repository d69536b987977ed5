/** One SSH connection per node, host key pinned, tried again while the node boots. */
import type { Duplex } from "node:stream";
import ssh2, { type Client, type SFTPWrapper } from "ssh2";
import { combineErrors, exitCodes, LabError, lastLines, NodeError } from "../errors.ts";
import type { Clock } from "../system/clock.ts";
import { openForward, openSftp } from "./channels.ts";
import {
  type ChoiceResult,
  connectionLost,
  execute,
  executeBatch,
  executeChoices,
  type RemoteOptions,
  type RemoteResult,
} from "./command.ts";
import type { Choice } from "./quote.ts";

export type { RemoteOptions, RemoteResult };

export interface SshTarget {
  readonly node: string;
  readonly user: string;
  readonly host: string;
  /** OpenSSH private key. */
  readonly privateKey: string;
  /** The only host key that is accepted, as in known_hosts: `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
  /** A fresh stream to the node's SSH port; a TCP connection to `host` if absent. */
  readonly openStream?: () => Duplex;
}

/** An open connection to one node. */
export interface Session {
  readonly node: string;
  readonly user: string;
  /** Runs to the end whatever the exit code; throws NodeError when the connection or the deadline fails. */
  try(argv: readonly string[], options?: RemoteOptions): Promise<RemoteResult>;
  /** Like `try`, and throws NodeError unless the exit code is 0. */
  run(argv: readonly string[], options?: RemoteOptions): Promise<RemoteResult>;
  /** Runs commands one after the other in one round trip, like `try`; they share the deadline. */
  batch(commands: readonly (readonly string[])[], options?: RemoteOptions): Promise<RemoteResult[]>;
  /**
   * Makes choices one after the other in one round trip. Throws NodeError naming each chosen command whose exit code is
   * not 0.
   */
  choose(choices: readonly Choice[], options?: RemoteOptions): Promise<ChoiceResult[]>;
  /** A stream to a port of an address that the node reaches; it counts for no session. */
  forward(address: string, port: number): Promise<Duplex>;
  isOpen(): boolean;
  /** The node's files; one channel, opened when first needed, and again when it has ended. Use it through `withSftp`. */
  sftp(): Promise<SFTPWrapper>;
  close(): void;
}

export interface ConnectOptions {
  readonly clock: Clock;
  /** A booting node is tried again until then. */
  readonly timeoutMs: number;
  /** In its first boot, a machine answers with the keys of its image until it has read its own. */
  readonly mayHaveOldKey?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Connects, trying again while the node boots. A wrong host key or a refused login is final, and so is what the way to it
 * says: a hypervisor that stays away has been waited for already.
 */
export async function connect(target: SshTarget, options: ConnectOptions): Promise<Session> {
  const deadline = options.clock.now() + options.timeoutMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return toSession(target, await connectOnce(target, target.openStream?.(), options.signal));
    } catch (error) {
      const isBooting = options.mayHaveOldKey === true && error instanceof NodeError && error.code === "E_HOST_KEY";
      if (error instanceof LabError && !isBooting) throw error;
      if (options.clock.now() >= deadline || options.signal?.aborted === true) {
        throw isBooting ? error : unreachable(target, error, options.timeoutMs);
      }
      await options.clock.pause(Math.min(20 * attempt, 250), options.signal);
    }
  }
}

/** How long the node's first byte is waited for: connecting has its own, much shorter patience. */
const answerMs = 10_000;

function unreachable(target: SshTarget, cause: unknown, timeoutMs: number): NodeError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new NodeError(
    target.node,
    {
      code: "E_UNREACHABLE",
      message: `no SSH answer from ${target.host} in ${Math.round(timeoutMs / 1000)} s (${why})`,
      hint: `lab logs ${target.node}`,
      cause,
    },
    exitCodes.notConverged,
  );
}

/** A node that has begun to answer gets this long to end the handshake. */
const handshakeMs = 20_000;

/**
 * A node that says nothing for so long is gone. Servers are reached through the fabric itself: where a session between routers
 * runs into its hold time (9 s), TCP's next attempt comes 12 s after the one that was lost, and must not come too late.
 */
const silenceMs = 45_000;
const keepaliveMs = 5000;

function connectOnce(target: SshTarget, stream: Duplex | undefined, signal: AbortSignal | undefined): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    let wrongKey = false;
    const answer = setTimeout(() => fail(new Error("no answer")), stream === undefined ? handshakeMs : answerMs);
    const interrupt = () => fail(new Error("interrupted"));
    const settle = () => {
      clearTimeout(answer);
      signal?.removeEventListener("abort", interrupt);
    };
    const fail = (error: Error & { level?: string }) => {
      settle();
      client.destroy();
      stream?.destroy();
      reject(explain(target.node, error, wrongKey));
    };
    client
      .once("ready", () => {
        settle();
        client.removeListener("error", fail);
        // After this, errors surface where a command waits.
        client.on("error", () => client.destroy());
        resolve(client);
      })
      // More than one error may come of one broken connection, and one without a listener would end the process.
      .on("error", fail)
      .once("close", () => fail(new Error("connection closed")));
    signal?.addEventListener("abort", interrupt, { once: true });
    try {
      client.connect({
        ...(stream === undefined ? { host: target.host } : { sock: stream }),
        username: target.user,
        privateKey: target.privateKey,
        readyTimeout: handshakeMs,
        keepaliveInterval: keepaliveMs,
        // One more than that is not sent: it finds the others without an answer.
        keepaliveCountMax: silenceMs / keepaliveMs - 1,
        hostVerifier: (key: Buffer) => {
          wrongKey = key.toString("base64") !== target.hostKey.split(" ")[1];
          return !wrongKey;
        },
      });
    } catch (error) {
      // It refuses what it was given, such as a key it cannot read.
      fail(error instanceof Error ? error : new Error(String(error)));
    }
    // After connect(), so that ssh2 sees the same bytes.
    stream?.once("data", () => clearTimeout(answer));
  });
}

function explain(node: string, error: Error & { level?: string }, wrongKey: boolean): Error {
  if (wrongKey) {
    return new NodeError(node, {
      code: "E_HOST_KEY",
      message: "the host key is not the one this lab made; nothing was sent",
      hint: "another machine answers at this address: lab down, then lab up",
    });
  }
  if (error.level === "client-authentication") {
    return new NodeError(node, { code: "E_LOGIN", message: "the login was refused", cause: error });
  }
  return error;
}

function toSession({ node, user }: SshTarget, client: Client): Session {
  let closed = false;
  let files: Promise<SFTPWrapper> | undefined;
  // Many commands wait side by side, and each listens for the end of the connection.
  client.setMaxListeners(0);
  client.once("close", () => {
    closed = true;
  });
  const attempt = (argv: readonly string[], options: RemoteOptions = {}) =>
    closed ? Promise.reject(connectionLost(node, argv)) : execute(node, client, argv, options);
  return {
    node,
    user,
    try: attempt,
    batch: (commands, options = {}) =>
      closed ? Promise.reject(connectionLost(node, commands.flat())) : executeBatch(node, client, commands, options),
    async choose(choices, options = {}) {
      if (closed) throw connectionLost(node, choices[0]?.whether ?? []);
      const results = await executeChoices(node, client, choices, options);
      const failed = results.filter(({ exitCode }) => exitCode !== 0);
      if (failed.length > 0) throw combineErrors(failed.map((result) => commandFailed(node, result)));
      return results;
    },
    async run(argv, options) {
      const result = await attempt(argv, options);
      if (result.exitCode !== 0) throw commandFailed(node, result);
      return result;
    },
    sftp() {
      if (files !== undefined) return files;
      const opening = openSftp(node, client);
      // Neither a failed attempt nor a channel that has ended is remembered.
      const forget = () => (files = undefined);
      opening.then((sftp) => sftp.once("close", forget), forget);
      files = opening;
      return opening;
    },
    async forward(address, port) {
      if (closed) throw connectionLost(node, ["ssh", "-W", `${address}:${port}`]);
      return openForward(node, client, address, port);
    },
    isOpen: () => !closed,
    close: () => client.end(),
  };
}

/** The error of a command that ended badly: node, command, exit code and the last lines of stderr. */
export function commandFailed(node: string, result: RemoteResult): NodeError {
  const tail = lastLines(result.stderr.trim() === "" ? result.stdout : result.stderr, 8);
  return new NodeError(node, {
    code: "E_REMOTE_COMMAND",
    message: [
      `${result.argv.join(" ")}: exit code ${result.exitCode ?? "none, ended by a signal"}`,
      ...(tail === "" ? [] : tail.split("\n").map((line) => `    ${line}`)),
    ].join("\n"),
    hint: `lab ssh ${node}`,
  });
}
