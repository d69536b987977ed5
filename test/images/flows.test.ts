import { spawn } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readRequest } from "../../src/drill/requests.ts";
import { serve } from "../fakes/web-server.ts";

const program = join(import.meta.dirname, "../../images/embedded/overlay/usr/libexec/lab/flows.mjs");

/** What the program prints until it has printed this many lines and is interrupted; and when it then ends. */
async function linesAt(url: string, rate: number, lines: number, signal: NodeJS.Signals) {
  const settings = ["--rate", String(rate), "--timeout", "300"];
  const child = spawn(process.execPath, [program, "--url", url, ...settings, "server01", "server02"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  let told = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (!told && output.split("\n").length > lines) told = child.kill(signal);
  });
  const code = await new Promise((resolve) => {
    child.once("close", resolve);
  });
  const read = output
    .trim()
    .split("\n")
    .map((line) => readRequest("laptop", line));
  const outcomes = read.flatMap((one) => (one !== undefined && "client" in one ? [one] : []));
  return { code, outcomes, last: read.at(-1), count: read.length };
}

describe("a client at a steady rate", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("tells of each request, and at %s how many there were", async (signal) => {
    const web = await serve((_request, response, count) => {
      if (count % 3 === 0) response.writeHead(500).end("server01");
      else response.end(`It works! server0${count % 3}`);
    });
    const began = Date.now();
    const { code, outcomes, last, count } = await linesAt(web.url, 200, 30, signal);
    expect(code).toBe(0);
    expect(last).toEqual({ sent: outcomes.length });
    expect(count).toBe(outcomes.length + 1);
    expect(web.asked).toHaveLength(outcomes.length);
    expect(outcomes.filter(({ server }) => server === "server02").length).toBeGreaterThan(5);
    expect(outcomes.flatMap(({ error }) => error ?? [])[0]).toBe("a page that names no server");
    for (const { atMs, tookMs } of outcomes) {
      expect(atMs).toBeGreaterThan(began - 100);
      expect(atMs + tookMs).toBeLessThan(Date.now() + 100);
    }
  });

  it("sends on while nothing is answered, and loses each in its time", async () => {
    const web = await serve(() => undefined);
    const { outcomes, last } = await linesAt(web.url, 100, 20, "SIGINT");
    expect(outcomes.every(({ error, tookMs }) => error === "too slow" && tookMs >= 290)).toBe(true);
    // One after the other would have been three a second.
    const [first] = outcomes;
    const early = outcomes.filter(({ atMs }) => atMs < (first?.atMs ?? 0) + 250);
    expect(early.length).toBeGreaterThan(10);
    expect(last).toEqual({ sent: outcomes.length });
  });
});
