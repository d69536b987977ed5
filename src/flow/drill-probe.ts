/** Steady requests from the lab's clients: each a connection of its own, none tried again, all accounted for. */
import type { Request } from "../drill/model.ts";
import { readRequest } from "../drill/requests.ts";
import { NodeError } from "../errors.ts";
import type { Fleet } from "../remote/fleet.ts";
import type { Clocks } from "./drill-clock.ts";

export interface Traffic {
  readonly clients: readonly string[];
  readonly url: string;
  /** Requests a second, of all clients together. */
  readonly rate: number;
  readonly servers: readonly string[];
}

export interface Probes {
  /** Whether every client has had an answer. Throws NodeError once one has ended by itself. */
  ready(): boolean;
  /** Ends them, and waits for what is under way. */
  stop(): Promise<{ readonly requests: readonly Request[]; readonly sent: number }>;
}

/** What is not answered in this time is lost; well within what a client may take to end once it is told to. */
const exchangeMs = 1000;
const foreverMs = 24 * 3600 * 1000;

export function startProbes(traffic: Traffic, fleet: Pick<Fleet, "try">, clocks: Clocks): Probes {
  const stop = new AbortController();
  const probes = traffic.clients.map((client) => new Probe(client, traffic, fleet, clocks, stop.signal));
  return {
    ready: () => probes.every((probe) => probe.ready()),
    async stop() {
      stop.abort();
      await Promise.all(probes.map((probe) => probe.ended));
      return {
        requests: probes.flatMap((probe) => probe.requests).toSorted((one, other) => one.atMs - other.atMs),
        sent: probes.reduce((sum, probe) => sum + probe.sent, 0),
      };
    },
  };
}

class Probe {
  readonly #client: string;
  readonly #clocks: Clocks;
  readonly requests: Request[] = [];
  /** What the client says it has sent; NaN until it says so. */
  sent = Number.NaN;
  readonly ended: Promise<void>;
  #failure: unknown;

  constructor(client: string, traffic: Traffic, fleet: Pick<Fleet, "try">, clocks: Clocks, signal: AbortSignal) {
    this.#client = client;
    this.#clocks = clocks;
    const onLine = (line: string, stream: "stdout" | "stderr") => void (stream === "stdout" && this.#hear(line));
    const options = { signal, onLine, connectMs: 10_000, timeoutMs: foreverMs };
    this.ended = fleet.try(client, flowsArgv(traffic), options).then(
      ({ stderr }) => {
        if (!signal.aborted) this.#failure = ended(client, stderr);
      },
      (error: unknown) => {
        this.#failure = error;
      },
    );
  }

  ready(): boolean {
    if (this.#failure !== undefined) throw this.#failure;
    return this.requests.some(({ server }) => server !== undefined);
  }

  #hear(line: string): void {
    const read = readRequest(this.#client, line);
    if (read === undefined) return;
    if ("sent" in read) this.sent = read.sent;
    else this.requests.push({ ...read, atMs: this.#clocks.ours(this.#client, read.atMs) });
  }
}

function flowsArgv({ url, rate, clients, servers }: Traffic): readonly string[] {
  const each = String(rate / clients.length);
  return [
    "node",
    "/usr/libexec/lab/flows.mjs",
    "--url",
    url,
    "--rate",
    each,
    "--timeout",
    String(exchangeMs),
    ...servers,
  ];
}

function ended(client: string, stderr: string): NodeError {
  return new NodeError(client, {
    code: "E_DRILL_CLIENT",
    message: `its requests have ended by themselves: ${stderr.trim().split("\n").slice(-3).join(" ")}`,
    hint: "a lab that an older version brought up lacks what counts them: lab down, then lab up",
  });
}
