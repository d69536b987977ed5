/**
 * Counts which server answers, as the program `flows.mjs` in guests does and with its answer: every request is a connection
 * of its own, so that routers hash each one anew.
 */
import type { Duplex } from "node:stream";

export interface Flows {
  readonly url: URL;
  readonly count: number;
  readonly concurrency: number;
  readonly servers: readonly string[];
}

export interface FlowCounts {
  readonly total: number;
  readonly failed: number;
  readonly servers: Readonly<Record<string, number>>;
}

const exchangeMs = 3000;
const mostBytes = 1024 * 1024;

/** What a command line of that program asks for; undefined for any other, and for what only the program itself can do. */
export function readFlowsArgv(argv: readonly string[]): Flows | undefined {
  if (argv[0] !== "node" || argv[1] !== "/usr/libexec/lab/flows.mjs") return undefined;
  const known = new Map<string, string>();
  let next = 2;
  for (; argv[next]?.startsWith("--") === true; next += 2) known.set(argv[next] ?? "", argv[next + 1] ?? "");
  const url = known.get("--url") ?? "";
  if (!URL.canParse(url) || [...known.keys()].some((key) => !["--url", "--count", "--concurrency"].includes(key))) {
    return undefined;
  }
  return {
    url: new URL(url),
    count: Number(known.get("--count") ?? 1),
    concurrency: Number(known.get("--concurrency") ?? 32),
    servers: argv.slice(next),
  };
}

export async function countFlows(
  { url, count, concurrency, servers }: Flows,
  open: (address: string, port: number) => Duplex,
  signal?: AbortSignal,
): Promise<FlowCounts> {
  const counts = Object.fromEntries(servers.map((name) => [name, 0]));
  const port = url.port === "" ? 80 : Number(url.port);
  let started = 0;
  let failed = 0;
  const work = async () => {
    while (started < count) {
      if (signal?.aborted === true) return;
      started += 1;
      const server = nameIn(await fetchPage(url, open(url.hostname, port)), servers);
      if (server === undefined) failed += 1;
      else counts[server] = (counts[server] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, work));
  return { total: started, failed, servers: counts };
}

/** The whole answer; empty where it does not come in time, or does not end. */
function fetchPage(url: URL, stream: Duplex): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    let whole = false;
    const timer = setTimeout(() => stream.destroy(), exchangeMs);
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => {
      text += chunk;
      if (text.length > mostBytes) stream.destroy();
    });
    stream.once("end", () => (whole = true));
    // Refused, reset and too slow are all a flow that failed.
    stream.on("error", () => undefined);
    stream.once("close", () => {
      clearTimeout(timer);
      resolve(whole ? text : "");
    });
    // Without keep-alive the server ends the connection, and that is the end of the page.
    stream.write(`GET ${url.pathname}${url.search} HTTP/1.0\r\nHost: ${url.host}\r\nConnection: close\r\n\r\n`);
  });
}

function nameIn(answer: string, servers: readonly string[]): string | undefined {
  const page = answer.indexOf("\r\n\r\n");
  if (page < 0 || !/^HTTP\/1\.[01] 200 /.test(answer)) return undefined;
  const words = new Set(answer.slice(page).split(/[^A-Za-z0-9-]+/));
  return servers.find((name) => words.has(name));
}
