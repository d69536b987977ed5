/** HTTP and HTTPS: one request on a connection of its own, read to the end of the body. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { request as requestHttp, type ClientRequest, type IncomingMessage, type RequestOptions } from "node:http";
import type { BodyMatch, HttpCheck } from "../config/service.ts";
import { Failure } from "./fault.ts";

/** No health page is longer. Without a body to match, what is beyond is not read. */
const mostBytes = 1_048_576;

export async function probeHttp(check: HttpCheck, signal: AbortSignal): Promise<void> {
  const { target, method, path, host } = check;
  const headers = { ...(host !== undefined && { host }), connection: "close", "user-agent": "healthd" };
  const options: RequestOptions = {
    host: target.address,
    port: target.port,
    method,
    path,
    headers,
    agent: false,
    signal,
  };
  const request = check.kind === "https" ? await requestTls(check, options) : requestHttp(options);
  request.on("error", () => {});
  try {
    const responded = once(request, "response");
    request.end();
    const [response] = (await responded) as [IncomingMessage];
    await judge(check, response);
  } finally {
    request.destroy();
  }
}

async function judge({ statuses, body }: HttpCheck, response: IncomingMessage): Promise<void> {
  const status = response.statusCode ?? 0;
  if (!statuses.some(([from, to]) => status >= from && status <= to)) throw new Failure(`it answered ${status}`);
  const received = await readBody(response, body !== undefined);
  if (body !== undefined && !matches(body, received))
    throw new Failure(`its page is not the one expected (${body.by})`);
}

async function readBody(response: IncomingMessage, whole: boolean): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size <= mostBytes) continue;
    if (whole) throw new Failure(`its page is longer than ${mostBytes} bytes`);
    break;
  }
  return Buffer.concat(chunks);
}

function matches({ by, value }: BodyMatch, body: Buffer): boolean {
  if (by === "text") return body.includes(value);
  if (by === "regex") return new RegExp(value, "u").test(body.toString());
  return createHash("sha256").update(body).digest("hex") === value;
}

/** Loaded when needed: TLS costs memory. The certificate must be for the Host header's name, or else for the address. */
async function requestTls({ host, target, tls }: HttpCheck, options: RequestOptions): Promise<ClientRequest> {
  const { request } = await import("node:https");
  const authority = tls.authority === undefined ? {} : { ca: await readFile(tls.authority) };
  const name = host?.replace(/:\d+$/, "");
  // An address is no server name (RFC 6066, 3); Node then compares the certificate with the host it connects to.
  const servername = name ?? (target.address.includes(":") ? target.address : "");
  return request({ ...options, ...authority, servername, rejectUnauthorized: tls.verify });
}
