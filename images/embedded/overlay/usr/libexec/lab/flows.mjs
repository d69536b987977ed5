/**
 * Counts which server answers. Every request is a TCP connection of its own from a fresh source port, so that routers hash
 * each one anew. Prints one line: {"total":500,"failed":0,"servers":{"server01":127,…}}.
 *
 * With --until-eof it goes on until its standard input ends, prints `{}` after the first answer, and at the end also
 * {…,"slowestMs":12,"errors":{"ECONNRESET":1}}: what a client sees while the fabric under it changes. Nothing is retried.
 *
 * With --rate it sends so many requests a second, whether earlier ones were answered or not, until it is interrupted: a line
 * each, {"at":1764287682066.1,"ms":1.7,"server":"server01"} or "error" for "server", `at` in milliseconds since the epoch;
 * the last line is {"sent":1234}.
 *
 * usage: node flows.mjs --url http://172.20.0.1/ --count 500|--until-eof|--rate 100 [--concurrency 32] [--pause 0]
 *        [--timeout 3000] SERVER...
 */
import { connect } from "node:net";
import { parseArgs } from "node:util";

const { values, positionals: servers } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: "string" },
    count: { type: "string", default: "1" },
    "until-eof": { type: "boolean", default: false },
    /** Requests a second; may be a fraction. */
    rate: { type: "string" },
    concurrency: { type: "string", default: "32" },
    /** Milliseconds between the connection and the request, so that each is under way for so long. */
    pause: { type: "string", default: "0" },
    /** Milliseconds for one whole exchange. */
    timeout: { type: "string", default: "3000" },
  },
});

const url = new URL(values.url ?? "");
const port = Number(url.port === "" ? 80 : url.port);
// HTTP/1.0 without keep-alive: the server closes, and the end of the stream is the end of the page.
const request = `GET ${url.pathname}${url.search} HTTP/1.0\r\nHost: ${url.host}\r\nConnection: close\r\n\r\n`;

/** The page of one connection, or why there is none in time. Never rejects. */
function fetchPage() {
  return new Promise((resolve) => {
    const socket = connect({ host: url.hostname, port });
    const chunks = [];
    const deadline = setTimeout(() => socket.destroy(new Error("too slow")), Number(values.timeout));
    let ended = false;
    let problem = "no whole page";
    socket.on("connect", () => setTimeout(() => socket.write(request), Number(values.pause)));
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("end", () => {
      ended = true;
    });
    // A connection that is refused, reset or too slow is a failed flow, and `close` counts it.
    socket.on("error", (error) => {
      problem = error.code ?? error.message;
    });
    socket.on("close", () => {
      clearTimeout(deadline);
      resolve(ended ? { page: Buffer.concat(chunks).toString() } : { problem });
    });
  });
}

/** The server named by a page with status 200. */
function serverOf(page) {
  if (page === undefined || !/^HTTP\/1\.[01] 200 /.test(page)) return undefined;
  const words = new Set(page.slice(page.indexOf("\r\n\r\n")).split(/[^A-Za-z0-9-]+/));
  return servers.find((name) => words.has(name));
}

const noServer = "a page that names no server";

/** Requests one after the other, as many side by side as asked for; counted. */
async function count() {
  const counts = new Map(servers.map((name) => [name, 0]));
  const errors = {};
  let total = Number(values.count);
  let started = 0;
  let failed = 0;
  let slowestMs = 0;
  let told = false;

  if (values["until-eof"]) {
    total = Infinity;
    process.stdin.resume().on("end", () => {
      total = started;
    });
  }

  async function work() {
    while (started < total) {
      started += 1;
      const begin = performance.now();
      const { page, problem = noServer } = await fetchPage();
      slowestMs = Math.max(slowestMs, Math.round(performance.now() - begin));
      const server = serverOf(page);
      if (server !== undefined) {
        if (total === Infinity && !told) told = process.stdout.write("{}\n");
        counts.set(server, (counts.get(server) ?? 0) + 1);
        continue;
      }
      failed += 1;
      errors[problem] = (errors[problem] ?? 0) + 1;
    }
  }

  await Promise.all(Array.from({ length: Number(values.concurrency) }, work));
  const seen = values["until-eof"] ? { slowestMs, errors } : {};
  print({ total, failed, servers: Object.fromEntries(counts), ...seen });
}

/** One request, told of once it is over. */
async function tellOfOne() {
  const begin = performance.now();
  const { page, problem = noServer } = await fetchPage();
  const server = serverOf(page);
  const ms = Number((performance.now() - begin).toFixed(3));
  const at = Number((performance.timeOrigin + begin).toFixed(3));
  print({ at, ms, ...(server === undefined ? { error: problem } : { server }) });
}

/** Requests at a steady rate; each told of. What is late, because this machine was busy, is sent at once. */
function keepRate(perSecond) {
  const start = performance.now();
  const underWay = new Set();
  let sent = 0;
  const timer = setInterval(
    () => {
      const due = Math.floor(((performance.now() - start) * perSecond) / 1000) + 1;
      for (; sent < due; sent += 1) {
        const one = tellOfOne().then(() => underWay.delete(one));
        underWay.add(one);
      }
    },
    Math.min(5, 500 / perSecond),
  );
  return new Promise((resolve) => {
    const end = async () => {
      clearInterval(timer);
      await Promise.all(underWay);
      print({ sent });
      resolve();
    };
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, end);
  });
}

function print(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

await (values.rate === undefined ? count() : keepRate(Number(values.rate)));
