/** Streams over the connection to a hypervisor: to addresses behind it, and to processes on it. */
import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { HostError } from "../../errors.ts";
import { quoteForShell } from "../quote.ts";
import type { Channels } from "./channels.ts";
import { lateDuplex } from "../late.ts";
import { type Link, LinkLost } from "./link.ts";
import type { Privilege } from "./privilege.ts";
import { isRefusal, TooManySessions } from "./script.ts";

export interface Streams {
  /** To a port of an address that the hypervisor reaches; sshd opens it there. */
  toAddress(address: string, port: number): Duplex;
  /** Standard input and output of a command of root; it ends with the stream. */
  toCommand(argv: readonly string[]): Duplex;
}

export interface StreamsOptions {
  readonly link: Link;
  readonly channels: Channels;
  readonly privilege: (client: Client) => Promise<Privilege>;
}

export function remoteStreams({ link, channels, privilege }: StreamsOptions): Streams {
  const start = (argv: readonly string[]) =>
    link.withClient(async (client) => {
      const { words } = await privilege(client);
      return run(client, quoteForShell([...words, "env", "LC_ALL=C", ...argv]));
    });
  return {
    toAddress: (address, port) => lateDuplex(link.withClient((client) => forward(client, link.name, address, port))),
    toCommand: (argv) =>
      lateDuplex(
        new Promise((resolve, reject) => {
          // Its session counts until it ends.
          const whole = channels.commands(async () => {
            const channel = await start(argv);
            resolve(channel);
            await new Promise((ended) => channel.once("close", ended));
          });
          whole.catch(reject);
        }),
      ),
  };
}

function forward(client: Client, name: string, address: string, port: number): Promise<Duplex> {
  return open((done) => client.forwardOut("127.0.0.1", 0, address, port, done)).catch((error: unknown) => {
    if (!(error instanceof Error) || !error.message.includes("administratively prohibited")) throw error;
    throw new HostError({
      code: "E_NO_FORWARDING",
      message: `${name} forwards no connections, by which guests are reached`,
      hint: "AllowTcpForwarding yes in its sshd_config, then service sshd restart",
      cause: error,
    });
  });
}

async function run(client: Client, line: string): Promise<Duplex> {
  const channel = await open((done) => client.exec(line, done)).catch((error: unknown) => {
    throw error instanceof Error && isRefusal(error) ? new TooManySessions() : error;
  });
  // Unread, it would fill the window and stop the command.
  if ("stderr" in channel) (channel.stderr as Duplex).resume();
  return channel;
}

/** LinkLost where the connection has ended; what the other side says no to goes on as it is. */
function open<Channel extends Duplex>(start: (done: (error: Error | undefined, channel: Channel) => void) => void) {
  return new Promise<Channel>((resolve, reject) => {
    try {
      start((error, channel) => {
        if (error === undefined) resolve(channel);
        else reject(/unexpectedly|No response|Not connected/.test(error.message) ? new LinkLost("it ended") : error);
      });
    } catch (error) {
      reject(new LinkLost("it ended", { cause: error }));
    }
  });
}
