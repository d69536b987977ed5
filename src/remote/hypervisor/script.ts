/**
 * A POSIX shell script over an open connection, whatever the login shell is there: that one gets three plain words, and the
 * script comes on standard input. It stands in braces, so that a shell that gets only half of it does nothing.
 *
 * No terminal is ever asked for. sshd makes the shell the leader of a session and a process group of its own (OpenSSH,
 * session.c: do_exec_no_pty), without a terminal nothing is hung up when the connection ends, and sudo's `use_pty` has no
 * effect (sudoers(5)). So whatever runs there goes on when the connection is lost, and ends when its group is told to.
 */
import type { Client, ClientChannel } from "ssh2";
import { LinkLost } from "./link.ts";

export interface Said {
  /** Undefined where a signal ended it. */
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** It was ended because of this. */
  readonly cut: "took too long" | "was interrupted" | "said too much" | undefined;
}

export interface ScriptOptions {
  readonly timeoutMs: number;
  /** Ends the group of the script. */
  readonly signal?: AbortSignal | undefined;
  /** The signal that an interruption is; TERM if absent. */
  readonly interruptBy?: "INT" | "TERM";
  /** Bytes of output, of both streams; a script that says more is ended. */
  readonly mostBytes?: number;
  /** Words before a command that make it one of root. */
  readonly asRoot: readonly string[];
  /** Each complete line as it comes. */
  readonly onLine?: ((line: string, stream: "stdout" | "stderr") => void) | undefined;
}

const usualMostBytes = 32 * 1024 * 1024;
/** How long a group may take to end once it was told to. */
const graceMs = 2000;

/** Rejects with LinkLost when the connection ends first. */
export function runScript(client: Client, body: string, options: ScriptOptions): Promise<Said> {
  return new Promise((resolve, reject) => {
    const script = new Running(client, options, { resolve, reject });
    try {
      client.exec("exec /bin/sh", (error, channel) => script.start(error, channel, `{\necho $$ >&2\n${body}\n}\n`));
    } catch (error) {
      script.lose(error);
    }
  });
}

/** sshd has as many sessions open as it allows for one connection (`MaxSessions`); those end. */
export class TooManySessions extends Error {}

interface Settle {
  resolve(said: Said): void;
  reject(error: unknown): void;
}

interface End {
  readonly code: number | undefined;
  readonly signal: string | undefined;
}

/** Whether a channel was not opened because there are too many; otherwise it is the end of the connection. */
export function isRefusal({ message }: Error): boolean {
  return message.includes("Channel open failure") && !message.includes("unexpectedly");
}

class Running {
  readonly #client: Client;
  readonly #options: ScriptOptions;
  readonly #settle: Settle;
  readonly #output = { stdout: "", stderr: "" };
  readonly #timers: NodeJS.Timeout[] = [];
  #bytes = 0;
  #cut: Said["cut"];
  #end: End | undefined;

  constructor(client: Client, options: ScriptOptions, settle: Settle) {
    this.#client = client;
    this.#options = options;
    this.#settle = settle;
    client.once("close", this.#lost);
  }

  start(error: Error | undefined, channel: ClientChannel, text: string): void {
    if (error !== undefined) {
      if (isRefusal(error)) this.#finish(() => this.#settle.reject(new TooManySessions()));
      else this.lose(error);
      return;
    }
    const { signal, timeoutMs } = this.#options;
    this.#timers.push(setTimeout(() => this.#endFor("took too long"), timeoutMs));
    if (signal?.aborted === true) this.#interrupted();
    else signal?.addEventListener("abort", this.#interrupted, { once: true });
    channel.once(
      "exit",
      (code: number | null, name?: string) => (this.#end = { code: code ?? undefined, signal: name }),
    );
    channel.setEncoding("utf8").on("data", (chunk: string) => this.#hear("stdout", chunk));
    channel.stderr.setEncoding("utf8").on("data", (chunk: string) => this.#hear("stderr", chunk));
    // Without an exit code the script has not ended: the connection has, and closes its channels first.
    channel.once("close", () => (this.#end === undefined ? this.lose(undefined) : this.#done(this.#end)));
    channel.on("error", () => undefined);
    channel.end(text);
  }

  lose(cause: unknown): void {
    this.#finish(() => this.#settle.reject(new LinkLost("it ended", { cause })));
  }

  readonly #lost = () => this.lose(undefined);
  readonly #interrupted = () => this.#endFor("was interrupted");

  #hear(stream: "stdout" | "stderr", chunk: string): void {
    this.#bytes += chunk.length;
    if (this.#bytes > (this.#options.mostBytes ?? usualMostBytes)) {
      this.#endFor("said too much");
      return;
    }
    const before = this.#output[stream];
    this.#output[stream] = before + chunk;
    if (this.#options.onLine === undefined) return;
    const start = before.lastIndexOf("\n") + 1;
    const lines = (before.slice(start) + chunk).split("\n").slice(0, -1);
    // The first line of standard error is the number of the group.
    const own = stream === "stderr" && start === 0 ? lines.slice(1) : lines;
    for (const line of own) this.#options.onLine(line, stream);
  }

  #endFor(why: NonNullable<Said["cut"]>): void {
    if (this.#cut !== undefined) return;
    this.#cut = why;
    this.#kill(why === "was interrupted" ? (this.#options.interruptBy ?? "TERM") : "TERM");
    this.#timers.push(setTimeout(() => this.#kill("KILL"), graceMs));
    // Whoever left the group may hold the channel for ever: nobody waits for that.
    const giveUp = () => this.#done({ code: undefined, signal: "KILL" });
    this.#timers.push(setTimeout(giveUp, 2 * graceMs));
  }

  #kill(name: string): void {
    const group = /^(\d+)\n/.exec(this.#output.stderr)?.[1];
    if (group === undefined) return;
    const line = [...this.#options.asRoot, "kill", `-${name}`, `-${group}`].join(" ");
    try {
      this.#client.exec(line, (_error, channel?) =>
        channel
          ?.on("error", () => undefined)
          .resume()
          .end(),
      );
    } catch {
      // The connection is gone; whoever waits for the script is told elsewhere.
    }
  }

  #done({ code, signal }: End): void {
    const stderr = this.#output.stderr.replace(/^\d+\n/, "");
    const said = { exitCode: code, signal, stdout: this.#output.stdout, stderr, cut: this.#cut };
    this.#finish(() => this.#settle.resolve(said));
  }

  #finish(answer: () => void): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#options.signal?.removeEventListener("abort", this.#interrupted);
    this.#client.removeListener("close", this.#lost);
    answer();
  }
}
