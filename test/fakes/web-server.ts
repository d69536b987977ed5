import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";

export interface WebServer {
  /** With a slash at its end. */
  readonly url: string;
  /** What was asked for, with the header that asks for a part. */
  readonly asked: readonly string[];
  /** Breaks every connection. */
  cut(): void;
}

const running: (() => void)[] = [];
afterEach(() => {
  for (const stop of running.splice(0)) stop();
});

/** An HTTP server on this machine for one test. */
export async function serve(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
): Promise<WebServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push([request.url, request.headers.range].filter(Boolean).join(" "));
    answer(request, response, asked.length);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  running.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const cut = () => server.closeAllConnections();
  return { cut, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked };
}

export interface Sending {
  readonly etag?: string;
  /** Then nothing more comes; the client is to hang up, or the test cuts the connection. */
  readonly cutAfter?: number;
  /** Then the server breaks the connection itself, at once. */
  readonly breakAfter?: number;
  readonly ranges?: boolean;
}

/** Sends the file, or the part that is asked for if it is still the same. */
export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: Buffer,
  { etag, cutAfter, breakAfter, ranges = true }: Sending,
): void {
  const start = ranges ? startOf(request, etag) : undefined;
  if (start !== undefined && start >= file.length) {
    response.writeHead(416, { "content-range": `bytes */${file.length}` }).end();
    return;
  }
  if (etag !== undefined) response.setHeader("etag", etag);
  if (start !== undefined) response.setHeader("content-range", `bytes ${start}-${file.length - 1}/${file.length}`);
  const rest = file.subarray(start ?? 0);
  response.writeHead(start === undefined ? 200 : 206, { "content-length": rest.length });
  if (breakAfter !== undefined) response.write(rest.subarray(0, breakAfter), () => response.destroy());
  else if (cutAfter === undefined) response.end(rest);
  else if (cutAfter === 0) response.destroy();
  else response.write(rest.subarray(0, cutAfter));
}

/** Where the part begins that is asked for; undefined where the whole file is to be sent. */
function startOf({ headers }: IncomingMessage, etag: string | undefined): number | undefined {
  const from = /^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1];
  return from === undefined || headers["if-range"] !== etag ? undefined : Number(from);
}
