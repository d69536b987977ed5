/** A client inside a lab that requests a page again and again, each time from a fresh port, and retries nothing. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { Place } from "./lab.ts";

export interface Counted {
  readonly total: number;
  readonly failed: number;
  readonly servers: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  /** How requests failed, e.g. `ECONNRESET`, and how often. */
  readonly errors: Readonly<Record<string, number>>;
}

export interface Requests {
  readonly node: string;
  readonly url: string;
  readonly servers: readonly string[];
  /** How many at once. */
  readonly concurrency: number;
  /** Milliseconds between the connection and its request: how long each is under way at least. */
  readonly pauseMs?: number;
}

/** Resolves once the first page has come. What it resolves to ends the client and tells what it saw. */
export async function keepRequesting(place: Place, lab: string, requests: Requests): Promise<() => Promise<Counted>> {
  const { node, url, servers, concurrency, pauseMs = 0 } = requests;
  const numbers = ["--concurrency", String(concurrency), "--pause", String(pauseMs)];
  const command = ["node", "/usr/libexec/lab/flows.mjs", "--url", url, "--until-eof", ...numbers, ...servers];
  // A connection of its own, which no other session's end can touch.
  const argv = ["-S", "none", "-F", join(place.state, lab, "ssh_config"), node, command.join(" ")];
  const child = spawn("ssh", argv, { stdio: ["pipe", "pipe", "pipe"] });
  const lines = linesOf(child);
  await lines.next();
  return async () => {
    child.stdin.end();
    return JSON.parse(await lines.next()) as Counted;
  };
}

/** The lines of a process one by one; throws what it complained of if it ends before the next one. */
function linesOf({ stdout, stderr }: ChildProcess): { next(): Promise<string> } {
  let complaint = "";
  stderr?.setEncoding("utf8").on("data", (text: string) => (complaint += text));
  const lines = readLines(stdout)[Symbol.asyncIterator]();
  return {
    async next() {
      const line = await lines.next();
      if (line.done === true) throw new Error(`the client has ended: ${complaint}`);
      return line.value;
    },
  };
}

async function* readLines(stream: ChildProcess["stdout"]): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream?.setEncoding("utf8") ?? []) {
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
