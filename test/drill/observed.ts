/** What a drill saw, made up: server01 behind leaf01 of two leaves, one request each 100 ms. */
import type { Fault, Observed, Request, Turn } from "../../src/drill/model.ts";

export const fault: Fault = {
  title: "lo1 of server01 is destroyed",
  node: "server01",
  acts: [["destroy"]],
  repair: [["create"]],
  lost: { servers: ["server01"] },
  turnWithinMs: 800,
};

export const turns: readonly Turn[] = [
  { router: "leaf01", role: "leaf", whole: ["swp6"], turned: ["swp1"] },
  { router: "spine01", role: "spine", whole: ["swp3", "swp4"], turned: ["swp4"] },
];

/** The time of the fault. */
export const start = 100_000;

export const good: Observed = {
  fault,
  turns,
  faultMs: start,
  repairMs: start + 2000,
  wholeMs: start + 3000,
  seen: {
    leaf01: [
      { atMs: start - 900, ports: ["swp6"] },
      { atMs: start + 127, ports: ["swp1"] },
      { atMs: start + 2110, ports: ["swp6"] },
    ],
    spine01: [
      { atMs: start - 900, ports: ["swp3", "swp4"] },
      { atMs: start + 178.4, ports: ["swp4"] },
      { atMs: start + 2190, ports: ["swp3", "swp4"] },
    ],
  },
  requests: requestsFrom(-1000, 4000),
  sent: 50,
  counted: { leaf01: { expired: 2, forwarded: 300 }, spine01: { expired: 1, forwarded: 400 } },
  clockMs: 0,
};

/** One each 100 ms, answered in turn by two servers within 2 ms; those around the fault are lost. */
function requestsFrom(from: number, to: number): readonly Request[] {
  const requests: Request[] = [];
  for (let at = from; at < to; at += 100) {
    const common = { client: "laptop", atMs: start + at, tookMs: 2 };
    if (at === 0 || at === 100) requests.push({ ...common, tookMs: 1000, error: "too slow" });
    else if (at > 100 && at < 2000) requests.push({ ...common, server: "server02" });
    else requests.push({ ...common, server: at % 200 === 0 ? "server01" : "server02" });
  }
  return requests;
}
