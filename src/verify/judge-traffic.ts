/** Judges of rows 8, 9 and 10: what clients saw. They read traceroute (Debian's), ping (iputils), curl and our flow counter. */
import { z } from "zod";
import { count } from "../count.ts";
import { bad, good, type Judge, listNames, ofOne, unless } from "./finding.ts";
import type { Expectations, Finding, TraceHop } from "./model.ts";
import { excerpt, readJson } from "./read-json.ts";

/** ` 3  10.100.0.4  0.025 ms`, or ` 3  *` where nobody answered within the second. */
const hopLine = /^\s*\d{1,3}\s+(\*|\d+(?:\.\d+){3})(?:\s|$)/;

/** Hop by hop, any of the planned candidates; no hop more or less. */
export const judgeTrace = ofOne<"trace">(({ hops }, reply) => {
  const expected = hops.map(describeHop).join(" → ");
  const seen = reply.stdout.split("\n").flatMap((line) => hopLine.exec(line)?.[1] ?? []);
  if (seen.length === 0) return bad(expected, excerpt(reply));
  const wrong = hops.findIndex((hop, index) => !answers(hop, seen[index]));
  if (wrong < 0 && seen.length === hops.length) return good(expected, seen.join(" → "));
  if (wrong < 0) return bad(expected, `${count(seen.length, "hop")} instead of ${hops.length}: ${seen.join(" → ")}`);
  const hop = hops[wrong];
  const wanted = hop === undefined ? "nothing" : describeHop(hop);
  const answered = seen[wrong] === undefined || seen[wrong] === "*" ? "nobody" : seen[wrong];
  return bad(expected, `hop ${wrong + 1} is ${answered}, not ${wanted}: ${seen.join(" → ")}`);
});

function answers(hop: TraceHop, address: string | undefined): boolean {
  return address !== undefined && hop.candidates.some(({ addresses }) => addresses.includes(address));
}

/** A fabric may have a hundred leaves: the role says enough then. */
function describeHop({ role, candidates }: TraceHop): string {
  return candidates.length > 4 ? `a ${role}` : candidates.map(({ node }) => node).join("|");
}

/** As many replies as requests, all with the planned TTL where there is one. */
export const judgePing = ofOne<"ping">(({ ttl }, reply) => {
  const expected = ttl === undefined ? "every reply" : `every reply with TTL ${ttl}`;
  const [, sent = "", received = ""] =
    /(\d+) packets transmitted, (\d+) (?:packets )?received/.exec(reply.stdout) ?? [];
  if (sent === "") return bad(expected, excerpt(reply));
  if (sent !== received) {
    const why = reply.stderr.trim().split("\n").at(-1) ?? "";
    return bad(expected, `${received} of ${count(Number(sent), "reply", "replies")}${why === "" ? "" : ` (${why})`}`);
  }
  const ttls = [...new Set(Array.from(reply.stdout.matchAll(/ttl=(\d+)/g), ([, seen]) => Number(seen)))];
  const seen = `${received} of ${sent}, TTL ${ttls.join(" ")}`;
  return ttl === undefined || (ttls.length === 1 && ttls[0] === ttl) ? good(expected, seen) : bad(expected, seen);
});

/** The page with the status on the last line (`curl --write-out '\n%{http_code}'`); 000 is no answer at all. */
export const judgePage = ofOne<"http">(({ servers, text }, reply) => {
  const expected = `200, "${text}" and the name of a server`;
  const lines = reply.stdout.trimEnd().split("\n");
  const status = lines.at(-1)?.trim() ?? "";
  const body = lines.slice(0, -1).join("\n");
  if (reply.exitCode !== 0 || status === "000") return bad(expected, excerpt({ ...reply, stdout: "" }));
  if (status !== "200") return bad(expected, `status ${status}`);
  const words = new Set(body.split(/[^A-Za-z0-9-]+/));
  const server = servers.find((name) => words.has(name));
  if (!body.includes(text)) return bad(expected, `200 without "${text}": ${excerpt({ ...reply, stdout: body })}`);
  return server === undefined
    ? bad(expected, "200, but the page names no server")
    : good(expected, `200 from ${server}`);
});

const flows = z.object({ total: z.number(), failed: z.number(), servers: z.record(z.string(), z.number()) });

/** Sums what all clients counted; each server's part may be off from its planned share by the tolerance. */
export const judgeSpread: Judge<"spread"> = (expect, replies) => {
  const servers = Object.keys(expect.shares);
  const expected = `${expect.flows} flows, ${describeShares(expect)}`;
  const counts = new Map(servers.map((server) => [server, 0]));
  let failed = 0;
  for (const reply of replies) {
    const read = readJson(reply, flows);
    if ("problem" in read) return bad(expected, read.problem);
    failed += read.value.failed;
    for (const [server, number] of Object.entries(read.value.servers)) {
      counts.set(server, (counts.get(server) ?? 0) + number);
    }
  }
  return { ...judgeCounts(expect, counts, failed, expected), share: Object.fromEntries(counts) };
};

function describeShares({ shares, tolerance }: Expectations["spread"]): string {
  const values = Object.values(shares).map((share) => percent(share * 100));
  const [first] = values;
  const each =
    first !== undefined && values.every((value) => value === first) ? `${first} to each` : "a planned share to each";
  return `${each} of ${count(values.length, "server")} ±${percent(tolerance * 100)} of that`;
}

function judgeCounts(
  { shares, tolerance }: Expectations["spread"],
  counts: ReadonlyMap<string, number>,
  failed: number,
  expected: string,
): Finding {
  const answered = [...counts.values()].reduce((sum, number) => sum + number, 0);
  if (answered === 0) return bad(expected, `no flow was answered, ${failed} failed`);
  const deviations = Object.entries(shares)
    .map(([server, share]) => ({ server, deviation: (counts.get(server) ?? 0) / (answered * share) - 1 }))
    .toSorted((one, other) => Math.abs(other.deviation) - Math.abs(one.deviation));
  const silent = Object.keys(shares).filter((server) => counts.get(server) === 0);
  const foreign = [...counts].filter(([server, number]) => number > 0 && !(server in shares)).map(([name]) => name);
  const off = deviations.filter(({ deviation }) => deviation > -1 && Math.abs(deviation) > tolerance);
  const complaints = [
    ...(silent.length === 0 ? [] : [`no flow reached ${listNames(silent)}`]),
    ...(foreign.length === 0 ? [] : [`flows reached ${listNames(foreign)}`]),
    ...(failed === 0 ? [] : [`${count(failed, "flow")} failed`]),
    ...off.map(describeDeviation),
  ];
  const largest = deviations.slice(0, 1).map(describeDeviation).join("");
  return unless(complaints, expected, `${answered} flows, largest deviation: ${largest}`, spreadHint);
}

function describeDeviation({ server, deviation }: { readonly server: string; readonly deviation: number }): string {
  return `${server} ${signed(deviation * 100)} of its share`;
}

const spreadHint =
  "shares far from the plan mean that routers hash alike: see net.ipv4.fib_multipath_hash_policy, _fields and _seed";

function percent(value: number): string {
  return `${value.toFixed(1)} %`;
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${percent(Math.abs(value))}`;
}
