/**
 * A large file to a hypervisor, as root. It grows in a file beside its place that is named after what is sent, so that what a
 * lost connection or a killed run has left is gone on with; its name is the last thing that it gets. dd(1) writes at an
 * offset, so whatever an older one still writes is the same bytes at the same place.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Client, ClientChannel } from "ssh2";
import { HostError } from "../../errors.ts";
import type { RunOptions, RunResult } from "../../system/exec.ts";
import { quoteForShell } from "../quote.ts";
import type { Channels } from "./channels.ts";
import { type Link, LinkLost } from "./link.ts";
import type { Privilege } from "./privilege.ts";
import { runScript } from "./script.ts";

export interface PutOptions {
  readonly link: Link;
  readonly channels: Channels;
  readonly privilege: (client: Client) => Promise<Privilege>;
  readonly run: (argv: readonly string[], options?: RunOptions & { readonly once?: true }) => Promise<RunResult>;
}

const blockBytes = 1024 * 1024;

export async function putFile(
  { link, channels, privilege, run }: PutOptions,
  from: string,
  to: string,
  onProgress: (fraction: number) => void = () => undefined,
): Promise<void> {
  const { size, mtimeMs } = await stat(from);
  const mark = createHash("sha256").update(`${from}\0${size}\0${mtimeMs}`).digest("hex").slice(0, 12);
  const part = `${to}.${mark}.part`;
  await channels.commands(() =>
    link.withClient(async (client) => {
      const { words } = await privilege(client);
      const blocks = Math.floor(Math.min(await sizeOf(client, words, part), size) / blockBytes);
      const dd = ["dd", `of=${part}`, `bs=${blockBytes}`, `seek=${blocks}`, "conv=notrunc"];
      await send(client, quoteForShell([...words, "env", "LC_ALL=C", ...dd]), from, blocks * blockBytes, (bytes) =>
        onProgress(size === 0 ? 1 : bytes / size),
      );
    }),
  );
  const arrived = await link.withClient(async (client) => sizeOf(client, (await privilege(client)).words, part));
  if (arrived !== size) throw notWhole(link.name, part, arrived, size);
  const { failure, stderr } = await run(["mv", "-f", part, to], { once: true });
  if (failure !== undefined) throw refused(link.name, to, `${failure} ${stderr.trim()}`);
}

/** 0 for a file that is not there. */
async function sizeOf(client: Client, words: readonly string[], path: string): Promise<number> {
  const line = quoteForShell([...words, "sh", "-c", '[ ! -e "$1" ] || wc -c <"$1"', "sh", path]);
  const { stdout } = await runScript(client, `${line} </dev/null\nexit 0`, { timeoutMs: 60_000, asRoot: words });
  return Number(stdout.trim() || "0");
}

/** Rejects with LinkLost when the connection ends first. */
function send(
  client: Client,
  line: string,
  from: string,
  start: number,
  onSent: (bytes: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const lost = (cause?: unknown) => reject(new LinkLost("it ended", { cause }));
    const begin = (channel: ClientChannel) => {
      let ended: number | undefined;
      let stderr = "";
      const file = createReadStream(from, { start, highWaterMark: 256 * 1024 });
      channel.once("exit", (code: number | null) => (ended = code ?? 255));
      channel.stderr.setEncoding("utf8").on("data", (text: string) => (stderr = `${stderr}${text}`.slice(-2000)));
      channel.on("error", () => undefined).resume();
      channel.once("close", () => {
        file.destroy();
        if (ended === undefined) lost();
        else if (ended === 0) resolve();
        else reject(refused("the hypervisor", line, stderr.trim()));
      });
      let sent = start;
      file.on("data", (chunk) => {
        sent += chunk.length;
        onSent(sent);
      });
      file.on("error", (error) => {
        reject(error);
        channel.close();
      });
      file.pipe(channel);
    };
    try {
      client.exec(line, (error, channel) => (error === undefined ? begin(channel) : lost(error)));
    } catch (error) {
      lost(error);
    }
  });
}

function notWhole(name: string, path: string, arrived: number, size: number): HostError {
  return refused(name, path, `${arrived} of ${size} bytes have arrived; is the disk full?`);
}

function refused(name: string, what: string, why: string): HostError {
  return new HostError({
    code: "E_PUT",
    message: `${name}: ${what}: ${why}`,
    hint: "mend the cause there; the next run goes on from here",
  });
}
