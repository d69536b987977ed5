/**
 * The one connection to a hypervisor. It is made when first needed, shared by everything that follows, and made again where
 * it was lost: for a while, with longer and longer pauses, and telling so.
 */
import type { Client } from "ssh2";
import { HostError, LabError } from "../../errors.ts";
import type { Clock } from "../../system/clock.ts";
import { dial, type DialOptions, Unreachable } from "./dial.ts";

/** The connection ended while something waited for an answer. Whether that was done there is not known. */
export class LinkLost extends Error {}

export interface Link {
  /** As in the URL, for errors. */
  readonly name: string;
  /**
   * Does some work over the connection, and does it again over a new one when the work ends with LinkLost: it must be
   * such that it may begin anew at any point. Throws LabError when there is no connection to be had.
   */
  withClient<Result>(work: (client: Client) => Promise<Result>, signal?: AbortSignal): Promise<Result>;
  close(): void;
}

export interface LinkOptions extends DialOptions {
  readonly clock: Clock;
  /** Hears that the connection was lost, and that it is there again. */
  readonly onNews: (news: string) => void;
}

/** How long a hypervisor that was there is called again. */
const patienceMs = 120_000;
const longestPauseMs = 5000;
/** How often one piece of work may lose its connection, be it by what others do over it: more is no bad luck. */
const mostLosses = 30;

export function openLink(options: LinkOptions): Link {
  const name = options.url.text;
  let opening: Promise<Client> | undefined;
  let open: Client | undefined;
  let wasOpen = false;
  /** It was called again for as long as anybody may wait: from then on once will do. */
  let isAway = false;

  const connect = async (signal: AbortSignal | undefined): Promise<Client> => {
    const patience = isAway ? 0 : patienceMs;
    // Until it answers.
    isAway = wasOpen;
    const client = wasOpen ? await callAgain(options, patience, signal) : await dialOnce(options, signal);
    wasOpen = true;
    isAway = false;
    open = client;
    client.once("close", () => forget(client));
    return client;
  };
  const forget = (client: Client) => {
    if (open !== client) return;
    open = undefined;
    opening = undefined;
  };
  const current = (signal: AbortSignal | undefined) => {
    if (opening !== undefined) return opening;
    const attempt = connect(signal);
    opening = attempt;
    // A failed attempt is not remembered: whoever comes next tries anew.
    attempt.catch(() => {
      if (opening === attempt) opening = undefined;
    });
    return attempt;
  };
  return {
    name,
    async withClient(work, signal) {
      for (let losses = 0; ; losses += 1) {
        const client = await current(signal);
        try {
          return await work(client);
        } catch (error) {
          if (!(error instanceof LinkLost)) throw error;
          // ssh2 tells of a broken connection in many places, and of its end only in one, later.
          forget(client);
          client.destroy();
          if (signal?.aborted === true || losses >= mostLosses) throw lost(name, error);
          // Once or twice is chance. Whatever breaks each new connection gets time to stop.
          if (losses > 1) await options.clock.pause(50 * losses, signal);
        }
      }
    },
    close() {
      opening?.then(
        (client) => client.end(),
        () => undefined,
      );
    },
  };
}

async function dialOnce(options: LinkOptions, signal: AbortSignal | undefined): Promise<Client> {
  try {
    return await dial(options, signal);
  } catch (error) {
    throw error instanceof Unreachable ? unreachable(options.url.text, error.message) : error;
  }
}

async function callAgain(options: LinkOptions, withinMs: number, signal: AbortSignal | undefined): Promise<Client> {
  const { clock, onNews, url } = options;
  const deadline = clock.now() + withinMs;
  for (let attempt = 1; ; attempt += 1) {
    onNews(`the connection to ${url.text} was lost; calling again${attempt === 1 ? "" : ` (${attempt})`}`);
    try {
      const client = await dial(options, signal);
      onNews(`connected to ${url.text} again`);
      return client;
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      if (clock.now() >= deadline || signal?.aborted === true) throw lost(url.text, error);
      await clock.pause(Math.min(100 * 2 ** (attempt - 1), longestPauseMs), signal);
    }
  }
}

function unreachable(name: string, why: string): HostError {
  return new HostError({
    code: "E_HYPERVISOR",
    message: `${name} does not answer: ${why}`,
    hint: "is it up, does sshd run there, and is the name right? ssh to it says more with -v",
  });
}

function lost(name: string, cause: Error): LabError {
  return new LabError({
    code: "E_HYPERVISOR_LOST",
    message: `the connection to ${name} was lost, and there is none again (${cause.message})`,
    hint: "once it answers: lab up goes on where this run was, lab down removes everything",
    cause,
  });
}
