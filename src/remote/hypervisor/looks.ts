/**
 * Looks at files of a hypervisor, as root: whether they exist, what they say, what a directory has. Whatever is to be looked
 * at while other looks are under way goes along in one round trip, so that an inventory of sixty guests costs a few of them.
 */
import type { Client } from "ssh2";
import { HostError, lastLines } from "../../errors.ts";
import { makeBatch } from "../batch.ts";
import { quoteForShell } from "../quote.ts";
import type { Channels } from "./channels.ts";
import type { Link } from "./link.ts";
import type { Privilege } from "./privilege.ts";
import { runScript } from "./script.ts";

export interface Looks {
  read(path: string): Promise<string | undefined>;
  exists(path: string): Promise<boolean>;
  list(path: string): Promise<readonly string[]>;
}

export interface LooksOptions {
  readonly link: Link;
  readonly channels: Channels;
  readonly privilege: (client: Client) => Promise<Privilege>;
}

/** Exits for what is not there; any other failure is one. */
const absent = 44;
const reading = `[ -e "$1" ] || exit ${absent}; exec cat -- "$1"`;
const listing = `[ -d "$1" ] || exit ${absent}; exec ls -1A -- "$1"`;
const finding = `[ -e "$1" ] || exit ${absent}`;

/** Files are small; a round trip with all of them may not take for ever. */
const mostAtOnce = 100;
const timeoutMs = 60_000;
const mostBytes = 64 * 1024 * 1024;

interface Look {
  readonly script: string;
  readonly path: string;
  resolve(text: string | undefined): void;
  reject(error: unknown): void;
}

export function remoteLooks({ link, channels, privilege }: LooksOptions): Looks {
  const waiting: Look[] = [];

  const lookAtAll = async (client: Client, looks: readonly Look[]) => {
    const { words } = await privilege(client);
    const batch = makeBatch(
      looks.map(({ script, path }) => `${quoteForShell(["sh", "-c", script, "sh", path])} </dev/null`),
    );
    const line = quoteForShell([...words, "env", "LC_ALL=C", "sh", "-c", batch.command]);
    const { stdout, stderr, cut } = await runScript(client, `${line} </dev/null\nexit 0`, {
      timeoutMs,
      mostBytes,
      asRoot: words,
    });
    return { parts: batch.split(stdout, stderr), why: cut ?? lastLines(stderr, 3) };
  };

  const goOn = async () => {
    let looks: readonly Look[] = [];
    try {
      const seen = await channels.looks(async () => {
        // What has come meanwhile goes along; in another attempt, these go again.
        if (looks.length === 0) looks = waiting.splice(0, mostAtOnce);
        return looks.length === 0 ? undefined : link.withClient((client) => lookAtAll(client, looks));
      });
      looks.forEach((look, index) => settle(link.name, look, seen?.parts[index], seen?.why ?? ""));
    } catch (error) {
      for (const look of looks) look.reject(error);
    }
  };

  const look = (script: string, path: string): Promise<string | undefined> =>
    new Promise((resolve, reject) => {
      waiting.push({ script, path, resolve, reject });
      // All that is asked in one turn goes together.
      if (waiting.length === 1) queueMicrotask(() => void goOn());
      else if (waiting.length % mostAtOnce === 0) void goOn();
    });

  return {
    read: (path) => look(reading, path),
    exists: async (path) => (await look(finding, path)) !== undefined,
    list: async (path) => ((await look(listing, path)) ?? "").split("\n").filter(Boolean),
  };
}

function settle(
  name: string,
  look: Look,
  part: { readonly exitCode: number; readonly stdout: string; readonly stderr: string } | undefined,
  why: string,
): void {
  if (part?.exitCode === 0) look.resolve(part.stdout);
  else if (part?.exitCode === absent) look.resolve(undefined);
  else {
    const reason = part === undefined ? why : lastLines(part.stderr, 3);
    look.reject(
      new HostError({
        code: "E_FILE",
        message: `${name}: ${look.path}: ${reason === "" ? "cannot be read" : reason}`,
        hint: "lab doctor says whether this login may become root there",
      }),
    );
  }
}
