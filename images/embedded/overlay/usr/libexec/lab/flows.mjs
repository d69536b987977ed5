/**
 * Counts which server answers. Every request is a TCP connection of its own from a fresh source port, so that routers hash
 * each one anew. Prints one line: {"total":500,"failed":0,"servers":{"server01":127,…}}.
 *
 * usage: node flows.mjs --url http://172.20.0.1/ --count 500 [--concurrency 32] [--timeout 3000] SERVER...
 */
import { connect } from "node:net";
import { parseArgs } from "node:util";

const { values, positionals: servers } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: "string" },
    count: { type: "string", default: "1" },
    concurrency: { type: "string", default: "32" },
    /** Milliseconds for one whole exchange. */
    timeout: { type: "string", default: "3000" },
  },
});

const url = new URL(values.url ?? "");
const port = Number(url.port === "" ? 80 : url.port);
// HTTP/1.0 without keep-alive: the server closes, and the end of the stream is the end of the page.
const request = `GET ${url.pathname}${url.search} HTTP/1.0\r\nHost: ${url.host}\r\nConnection: close\r\n\r\n`;

/** The page of one connection; undefined if there is none in time. Never rejects. */
function fetchPage() {
  return new Promise((resolve) => {
    const socket = connect({ host: url.hostname, port });
    const chunks = [];
    const deadline = setTimeout(() => socket.destroy(), Number(values.timeout));
    let ended = false;
    socket.on("connect", () => socket.write(request));
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("end", () => {
      ended = true;
    });
    // A connection that is refused, reset or too slow is a failed flow, and `close` counts it.
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(deadline);
      resolve(ended ? Buffer.concat(chunks).toString() : undefined);
    });
  });
}

/** The server named by a page with status 200. */
function serverOf(page) {
  if (page === undefined || !/^HTTP\/1\.[01] 200 /.test(page)) return undefined;
  const words = new Set(page.slice(page.indexOf("\r\n\r\n")).split(/[^A-Za-z0-9-]+/));
  return servers.find((name) => words.has(name));
}

const total = Number(values.count);
const counts = new Map(servers.map((name) => [name, 0]));
let started = 0;
let failed = 0;

async function work() {
  while (started < total) {
    started += 1;
    const server = serverOf(await fetchPage());
    if (server === undefined) failed += 1;
    else counts.set(server, (counts.get(server) ?? 0) + 1);
  }
}

await Promise.all(Array.from({ length: Number(values.concurrency) }, work));
process.stdout.write(`${JSON.stringify({ total, failed, servers: Object.fromEntries(counts) })}\n`);
