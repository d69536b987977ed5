/** One attempt to connect to a hypervisor: its host key is known and right, and it lets the user in; or the reason why not. */
import type { Duplex } from "node:stream";
import ssh2, { type Client, type ConnectConfig } from "ssh2";
import { HostError } from "../../errors.ts";
import type { Exec } from "../../system/exec.ts";
import { algorithmsFor, findKnownKeys, judgeKey, type KnownKeys, refuseKey } from "./known.ts";
import { findLogin, type Login, type LoginOptions, type Offers, offersOf, sshWords } from "./login.ts";
import type { HostUrl } from "./url.ts";

/** Nobody answered, or in no way that makes sense; it may be another thing in a while. */
export class Unreachable extends Error {}

export interface DialOptions extends LoginOptions {
  readonly exec: Pick<Exec, "try">;
  readonly url: HostUrl;
  /** A fresh stream to its SSH port; a TCP connection if absent. */
  readonly openStream?: (login: Login) => Duplex;
}

/** How long a hypervisor may take to answer and to let us in. */
const readyMs = 15_000;
/** A connection over which nothing comes for four times this is lost. */
const keepaliveMs = 5000;

/** Throws Unreachable where another attempt may help, HostError where it will not. */
export async function dial(options: DialOptions, signal?: AbortSignal): Promise<Client> {
  const { exec, url, config } = options;
  const login = await findLogin(url, options);
  const [known, offers] = await Promise.all([findKnownKeys(exec, login.knownHosts, login.names), offersOf(login)]);
  let refused: HostError | undefined;
  const judge = (key: Buffer) => {
    const standing = judgeKey(key, known);
    if (standing === "known") return true;
    const [name = login.host] = login.names;
    refused = refuseKey({ url: url.text, name, words: sshWords(url, config).join(" "), key }, standing, known);
    return false;
  };
  try {
    return await connect(configOf(login, known, offers, judge), options.openStream?.(login), signal);
  } catch (error) {
    if (refused !== undefined) throw refused;
    throw explain(error as Error & { level?: string }, url, login, offers);
  }
}

function configOf(login: Login, known: KnownKeys, { methods }: Offers, judge: (key: Buffer) => boolean): ConnectConfig {
  const algorithms = algorithmsFor(known);
  return {
    host: login.host,
    port: login.port,
    username: login.user,
    authHandler: [...methods] as NonNullable<ConnectConfig["authHandler"]>,
    readyTimeout: readyMs,
    keepaliveInterval: keepaliveMs,
    hostVerifier: judge,
    ...(algorithms !== undefined && { algorithms: { serverHostKey: algorithms as never } }),
  };
}

function connect(config: ConnectConfig, stream: Duplex | undefined, signal: AbortSignal | undefined): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    const settle = () => signal?.removeEventListener("abort", interrupt);
    const fail = (error: Error & { level?: string }) => {
      // An agent that does not answer is one way less, and not the last.
      if (error.level === "agent") return;
      settle();
      client.destroy();
      stream?.destroy();
      reject(error);
    };
    const interrupt = () => fail(new Error("interrupted"));
    client
      .once("ready", () => {
        settle();
        client.removeListener("error", fail).removeListener("close", closed);
        // After this, a broken connection is told where something waits for an answer.
        client.on("error", () => client.destroy());
        client.setMaxListeners(0);
        // Every command is a handful of small messages; each would wait for the other side's delayed acknowledgement.
        client.setNoDelay(true);
        resolve(client);
      })
      .on("error", fail)
      .once("close", closed);
    function closed() {
      fail(new Error("it hung up"));
    }
    if (signal?.aborted === true) {
      interrupt();
      return;
    }
    signal?.addEventListener("abort", interrupt, { once: true });
    try {
      client.connect(stream === undefined ? config : { ...config, sock: stream });
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

function explain(error: Error & { level?: string }, url: HostUrl, login: Login, offers: Offers): Error {
  if (error.level !== "client-authentication") return new Unreachable(error.message, { cause: error });
  const tried = offers.tried.length === 0 ? "there was no key to try" : `tried ${offers.tried.join(", ")}`;
  const skipped = offers.skipped.map((what) => `; ${what}`).join("");
  return new HostError({
    code: "E_HYPERVISOR_LOGIN",
    message: `${url.text} does not let ${login.user} in: ${tried}${skipped}`,
    hint: `ssh-copy-id it a key, or ssh-add one; ssh ${sshWords(url).join(" ")} must work without a password`,
    cause: error,
  });
}
