import { describe, expect, it } from "vitest";
import { drain } from "../../src/flow/drain.ts";
import type { Gently } from "../../src/flow/gently.ts";
import type { Leaving } from "../../src/flow/leaving.ts";
import { fakeClock } from "../fakes/clock.ts";

const web = "172.20.0.1/32";
const leaving: Leaving = {
  servers: [{ server: "server03", asn: 65300, prefixes: [web] }],
  turns: [{ router: "spine01", prefix: web, ports: ["swp3", "swp4"] }],
  routers: ["spine01"],
  addresses: ["172.20.0.1"],
  ports: [],
};

const route = (...devices: readonly string[]) =>
  JSON.stringify([{ dst: "172.20.0.1", nexthops: devices.map((dev) => ({ dev, flags: [] })) }]);
const listening = "LISTEN 0 511 172.20.0.1:80 0.0.0.0:*\nTIME-WAIT 0 0 172.20.0.1:80 192.168.10.10:41000\n";
const busy = `${listening}ESTAB 0 0 172.20.0.1:80 192.168.10.10:41002\n`;

/** Nodes that answer one line after the other, and the last one for ever. */
function nodesOf(answers: Readonly<Record<string, readonly (string | undefined)[]>>) {
  const asked: string[] = [];
  const nodes: Gently = {
    act: (does, node) => Promise.resolve(asked.push(`${node}: ${does}`) > 0),
    attempt: () => Promise.resolve(),
    ask(node, [program = ""]) {
      const all = answers[`${node} ${program}`] ?? [];
      const count = asked.filter((one) => one === `${node} ${program}`).length;
      asked.push(`${node} ${program}`);
      return Promise.resolve(all[Math.min(count, all.length - 1)]);
    },
  };
  return { nodes, asked };
}

async function drained(answers: Readonly<Record<string, readonly (string | undefined)[]>>) {
  const { nodes, asked } = nodesOf(answers);
  const notes: string[] = [];
  const clock = fakeClock();
  const start = clock.now();
  const signal = new AbortController().signal;
  await drain(leaving, nodes, { clock, signal, note: (text) => notes.push(text) });
  return { asked, notes, tookMs: clock.now() - start };
}

describe("draining", () => {
  it("has servers step back, waits for routers, then until no connection is found twice", async () => {
    const { asked, notes } = await drained({
      "spine01 ip": [route("swp3", "swp4", "swp5"), route("swp3", "swp5"), route("swp3", "swp4")],
      "server03 ss": [busy, listening, busy, listening],
    });
    expect(asked).toEqual([
      `server03: step back from ${web}`,
      ...["spine01 ip", "spine01 ip", "spine01 ip"],
      ...["server03 ss", "server03 ss", "server03 ss", "server03 ss", "server03 ss"],
    ]);
    expect(notes).toEqual([]);
  });

  it("waits neither for routers nor for connections for ever, and says so", async () => {
    const { notes, tookMs } = await drained({ "spine01 ip": [route("swp5")], "server03 ss": [busy] });
    expect(notes).toEqual(["routers still use server03 after 5 s", "server03 still has connections after 10 s"]);
    expect(tookMs).toBeGreaterThanOrEqual(15_000);
    expect(tookMs).toBeLessThan(16_000);
  });

  it("does not wait for who does not answer", async () => {
    const { notes, tookMs } = await drained({ "spine01 ip": [undefined], "server03 ss": [undefined] });
    expect({ notes, tookMs }).toEqual({ notes: [], tookMs: 0 });
  });

  it("ends with the run", async () => {
    const { nodes } = nodesOf({ "spine01 ip": [route("swp5")] });
    const abort = new AbortController();
    const waiting = { clock: fakeClock(), signal: abort.signal, note: () => abort.abort() };
    await expect(drain(leaving, nodes, waiting)).rejects.toMatchObject({ code: "E_INTERRUPTED" });
  });
});
