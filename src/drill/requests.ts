/** What clients saw: lines of `flows.mjs --rate`, and how the requests were shared out before, during and after a fault. */
import { z } from "zod";
import type { Observed, Request } from "./model.ts";

const line = z.union([
  z.object({ at: z.number(), ms: z.number(), server: z.string() }),
  z.object({ at: z.number(), ms: z.number(), error: z.string() }),
  z.object({ sent: z.number() }),
]);

/** A line of a client's answer: one request, or at the end how many there were. Undefined for anything else. */
export function readRequest(client: string, text: string): Request | { readonly sent: number } | undefined {
  const read = line.safeParse(parse(text));
  if (!read.success) return undefined;
  if ("sent" in read.data) return read.data;
  const { at, ms, ...rest } = read.data;
  return { client, atMs: at, tookMs: ms, ...rest };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `recovery` is from the repair until routers are whole and all is steady again. */
export const phases = ["before", "during", "recovery", "after"] as const;
export type Phase = (typeof phases)[number];

export interface Tally {
  readonly sent: number;
  readonly lost: number;
  /** How requests failed, and how often. */
  readonly errors: Readonly<Record<string, number>>;
  /** Requests that each server answered. */
  readonly servers: Readonly<Record<string, number>>;
  readonly slowestMs: number;
}

export type Tallies = Readonly<Record<Phase, Tally>>;

/** By when a request was sent; one that was under way when the fault came belongs to the fault. */
export function tallyPhases(observed: Pick<Observed, "faultMs" | "repairMs" | "wholeMs" | "requests">): Tallies {
  const of = (phase: Phase) => tally(observed.requests.filter((request) => phaseOf(request, observed) === phase));
  return { before: of("before"), during: of("during"), recovery: of("recovery"), after: of("after") };
}

function phaseOf({ atMs, tookMs }: Request, times: Pick<Observed, "faultMs" | "repairMs" | "wholeMs">): Phase {
  if (atMs + tookMs < times.faultMs) return "before";
  if (atMs < times.repairMs) return "during";
  return times.wholeMs === undefined || atMs < times.wholeMs ? "recovery" : "after";
}

export function tally(requests: readonly Request[]): Tally {
  const lost = requests.filter(({ server }) => server === undefined);
  return {
    sent: requests.length,
    lost: lost.length,
    errors: countBy(lost.map(({ error = "no reason" }) => error)),
    servers: countBy(requests.flatMap(({ server }) => server ?? [])),
    slowestMs: Math.round(requests.reduce((most, { tookMs }) => Math.max(most, tookMs), 0)),
  };
}

/** From the fault until the last request was sent that was lost before the repair; 0 if none was. */
export function outageMs({ faultMs, repairMs, requests }: Pick<Observed, "faultMs" | "repairMs" | "requests">): number {
  const lost = requests.filter(
    ({ server, atMs, tookMs }) => server === undefined && atMs + tookMs >= faultMs && atMs < repairMs,
  );
  return Math.max(0, ...lost.map(({ atMs }) => Math.round(atMs - faultMs)));
}

function countBy(words: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.fromEntries([...counts].toSorted(([one], [other]) => one.localeCompare(other)));
}
