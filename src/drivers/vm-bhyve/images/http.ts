/**
 * One request over HTTP. node:http rather than fetch: a body of fetch forgets what it has received and not yet handed out when
 * its connection breaks. Proxies are those of Node's own agent (NODE_USE_ENV_PROXY).
 */
import { request as requestPlain, type IncomingMessage } from "node:http";
import { request as requestTls } from "node:https";
import { LabError } from "../../../errors.ts";

/** A connection that broke, or a server that is busy: to be tried again. */
export class Broken extends Error {}

export interface Reply {
  readonly status: number;
  readonly body: IncomingMessage;
  /** The first value of a header. */
  header(name: string): string | undefined;
}

const mostHops = 20;
const redirections = new Set([301, 302, 303, 307, 308]);

/**
 * The reply with status 200, or one of `also`; redirections are followed. Throws LabError for a refusal, Broken for a server
 * that says so only for now, and errors of the connection as they are.
 */
export async function ask(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  also: readonly number[] = [],
): Promise<Reply> {
  let address = new URL(url);
  for (let hops = 0; hops <= mostHops; hops += 1) {
    const reply = await askOnce(address, headers, signal);
    if (reply.status === 200 || also.includes(reply.status)) return reply;
    reply.body.destroy();
    const location = reply.header("location");
    if (!redirections.has(reply.status) || location === undefined) throw refusal(url, reply);
    address = follow(url, address, location);
  }
  throw refused(url, `it leads on and on, last to ${address.href}`);
}

/** What is left of the body is not read. */
function askOnce(address: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Reply> {
  const request = address.protocol === "https:" ? requestTls : requestPlain;
  // A file that was packed for the way would have another size, and other checksums.
  const options = { signal, headers: { "accept-encoding": "identity", "user-agent": "lab", ...headers } };
  return new Promise((resolve, reject) => {
    request(address, options, (body) => {
      // Whoever reads it hears of it as well; an error that nobody hears would end the program.
      body.on("error", () => undefined);
      const header = (name: string) => [body.headers[name] ?? []].flat()[0];
      resolve({ status: body.statusCode ?? 0, body, header });
    })
      .on("error", reject)
      .end();
  });
}

/** Where a redirection leads. Throws LabError for what is not on the web, and for one that leaves TLS. */
export function follow(url: string, from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to === undefined || !/^https?:$/.test(to.protocol)) throw refused(url, `it leads to ${JSON.stringify(location)}`);
  if (from.protocol === "https:" && to.protocol === "http:") {
    throw refused(url, `it leads to ${to.href}, which anybody on the way could change`);
  }
  return to;
}

function refusal(url: string, { status, body }: Reply): Error {
  const said = `${status} ${body.statusMessage ?? ""}`.trim();
  return status >= 500 || status === 429 ? new Broken(said) : refused(url, `the server says ${said}`);
}

function refused(url: string, why: string): LabError {
  return new LabError({
    code: "E_DOWNLOAD",
    message: `${url}: ${why}`,
    hint: "if it has moved, fetch it yourself and use lab image import",
  });
}

/**
 * Hands every piece out as soon as it comes, before the connection's end is heard of; resolves at the end of the body. Rejects
 * with what `take` throws, or with the error of a connection that ends before. To be called before anything else is waited for.
 */
export function drain({ body }: Reply, take: (piece: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    if (body.destroyed) reject(body.errored ?? new Broken("it ended too early"));
    body.on("data", (piece: Buffer) => {
      try {
        take(piece);
      } catch (error) {
        body.removeAllListeners("data");
        body.destroy();
        reject(error);
      }
    });
    body.once("end", () => (body.complete ? resolve() : reject(new Broken("it ended too early"))));
    body.once("error", reject);
    body.once("close", () => reject(new Broken("it ended too early")));
  });
}
