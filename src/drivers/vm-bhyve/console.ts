/** A guest's serial console, for the one login that Cumulus wants: the dialogue with its clock and its line. */
import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { LabError, lastLines } from "../../errors.ts";
import type { Argv } from "../../kinds/kind.ts";
import type { Clock } from "../../system/clock.ts";
import type { ConsoleLogin } from "../driver.ts";
import { consoleDevice } from "./console-lock.ts";
import { beginDialogue, hear, nudge } from "./dialogue.ts";
import type { Host } from "./host.ts";

/**
 * A null modem takes one who types at a time; cu(1), and so `vm console`, keeps others off by the same lock file. The lock of
 * somebody who has ended is none.
 */
const script = [
  'lock=/var/spool/lock/LCK..${1#/dev/}; until (set -C; printf "%10d\\n" $$ >"$lock") 2>/dev/null',
  'do kill -0 $(cat "$lock") 2>/dev/null && { echo "somebody is at $1: $(cat "$lock")"; exit 75; }; rm -f "$lock"; done',
  'trap \'rm -f "$lock"\' EXIT; exec 3<>"$1" && stty raw -echo <&3 && { cat <&3 & } && cat >&3; kill $!',
].join("; ");

/** The command whose standard streams are the console. */
export function consoleArgv(guest: string): Argv {
  return ["sh", "-c", script, "sh", consoleDevice(guest)];
}

/** The line is silent for so long: somebody must speak. */
const quietMs = 2000;

export interface Visit {
  readonly host: Host;
  readonly clock: Clock;
  readonly argv: Argv;
  readonly login: ConsoleLogin;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Logs in and has the script run. Throws LabError with the last lines of the console. */
export async function visitConsole(visit: Visit): Promise<void> {
  const { host, clock, argv, timeoutMs, signal } = visit;
  const login = { ...visit.login, fresh: randomBytes(18).toString("base64url") };
  const line = new Line(host.duplex(argv), clock);
  const fail = (why: string) =>
    new LabError({
      code: "E_CONSOLE",
      message: `could not log in on the serial console: ${why}${quote(line.seen.replaceAll(login.fresh, "…"))}`,
      hint: login.hint,
    });
  const deadline = clock.now() + timeoutMs;
  try {
    for (let dialogue = beginDialogue(login); ;) {
      const text = await line.listen(signal);
      if (signal?.aborted === true) throw fail("interrupted");
      const [next, reaction] = hear(dialogue, login, text);
      dialogue = next;
      if (reaction.kind === "done") return;
      if (reaction.kind === "failed") throw fail(reaction.why);
      if (line.closed) throw fail("the console was closed");
      if (clock.now() >= deadline) throw fail(`no end after ${timeoutMs / 1000} s`);
      const words = reaction.kind === "type" ? reaction.text : text === "" ? nudge(dialogue) : undefined;
      if (words !== undefined) line.type(words);
    }
  } finally {
    await line.hangUp();
  }
}

function quote(text: string): string {
  const tail = lastLines(text.replaceAll("\r", ""), 6);
  return tail === "" ? "" : `\n${tail.replace(/^/gm, "    ")}`;
}

/** The stream, as somebody at a terminal has it: listening ends when it is quiet. */
class Line {
  readonly #stream: Duplex;
  readonly #clock: Clock;
  #unread = "";
  #seen = "";
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(stream: Duplex, clock: Clock) {
    this.#stream = stream;
    this.#clock = clock;
    stream.setEncoding("utf8").on("data", (text: string) => {
      this.#unread += text;
      this.#wake?.();
    });
    // Of the streams' errors the end is enough.
    stream.on("error", () => undefined);
    stream.once("close", () => {
      this.#closed = true;
      this.#wake?.();
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The end of what was heard so far. */
  get seen(): string {
    return this.#seen;
  }

  /** What has come since; empty if it was quiet, or is closed. */
  async listen(signal?: AbortSignal): Promise<string> {
    if (this.#unread === "" && !this.#closed) await this.#something(signal);
    const text = this.#unread;
    this.#unread = "";
    this.#seen = (this.#seen + text).slice(-4000);
    return text;
  }

  type(text: string): void {
    this.#stream.write(text);
  }

  /** Ends the session and the command, which then gives its lock back. */
  async hangUp(): Promise<void> {
    if (!this.#closed) this.#stream.end("exit\r");
    for (let text = "exit"; text !== "" && !this.#closed;) text = await this.listen();
    this.#stream.destroy();
  }

  async #something(signal?: AbortSignal): Promise<void> {
    const heard = new AbortController();
    this.#wake = () => heard.abort();
    const either = signal === undefined ? heard.signal : AbortSignal.any([heard.signal, signal]);
    await this.#clock.pause(quietMs, either);
    this.#wake = undefined;
  }
}
