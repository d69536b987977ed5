/** Steady requests from the lab's clients: each a connection of its own, none tried again, all accounted for. */
import type { Request } from "../drill/model.ts";
import { readRequest } from "../drill/requests.ts";
import type { Fleet } from "../remote/fleet.ts";
import type { Clocks } from "./drill-clock.ts";
import { Followed } from "./drill-follow.ts";

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
  /** Ends them, and waits for what is under way. `sent` is NaN where a client did not say how many it has sent. */
  stop(): Promise<{ readonly requests: readonly Request[]; readonly sent: number }>;
}

/** What is not answered in this time is lost. */
const exchangeMs = 1000;

export function startProbes(traffic: Traffic, fleet: Pick<Fleet, "try">, clocks: Clocks): Probes {
  const stop = new AbortController();
  const probes = traffic.clients.map((client) => startProbe(client, { traffic, fleet, clocks, signal: stop.signal }));
  return {
    ready: () => probes.every((probe) => probe.ready()),
    async stop() {
      stop.abort();
      await Promise.all(probes.map(({ followed }) => followed.ended));
      return {
        requests: probes.flatMap(({ requests }) => requests).toSorted((one, other) => one.atMs - other.atMs),
        sent: probes.reduce((sum, probe) => sum + probe.sent(), 0),
      };
    },
  };
}

interface Probing {
  readonly traffic: Traffic;
  readonly fleet: Pick<Fleet, "try">;
  readonly clocks: Clocks;
  readonly signal: AbortSignal;
}

function startProbe(client: string, { traffic, fleet, clocks, signal }: Probing) {
  const requests: Request[] = [];
  let sent = Number.NaN;
  const hear = (line: string) => {
    const read = readRequest(client, line);
    if (read === undefined) return;
    if ("sent" in read) sent = read.sent;
    else requests.push({ ...read, atMs: clocks.ours(client, read.atMs) });
  };
  const followed = new Followed(fleet, {
    ...{ node: client, argv: flowsArgv(traffic), signal, hear },
    endedMeans: {
      code: "E_DRILL_CLIENT",
      message: "its requests have ended by themselves",
      hint: "a lab that an older version brought up lacks what counts them: lab down, then lab up",
    },
  });
  return {
    requests,
    followed,
    sent: () => sent,
    ready() {
      followed.throwIfEnded();
      return requests.some(({ server }) => server !== undefined);
    },
  };
}

function flowsArgv({ url, rate, clients, servers }: Traffic): readonly string[] {
  const settings = ["--rate", String(rate / clients.length), "--timeout", String(exchangeMs)];
  return ["node", "/usr/libexec/lab/flows.mjs", "--url", url, ...settings, ...servers];
}
