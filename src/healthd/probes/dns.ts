/** A real query: what a resolver is there for is asked, over UDP or TCP (RFC 1035, 4.2). */
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { DnsCheck, Target } from "../config/service.ts";
import { dnsTypes } from "../config/service.ts";
import { readUntil, withConnection } from "./connect.ts";
import { decodeReply, encodeQuery, type Reply } from "./dns-wire.ts";
import { Failure } from "./fault.ts";

const codes: Readonly<Record<number, string>> = {
  1: "FORMERR",
  2: "SERVFAIL",
  3: "NXDOMAIN",
  4: "NOTIMP",
  5: "REFUSED",
};

export async function probeDns(check: DnsCheck, signal: AbortSignal): Promise<void> {
  const id = randomInt(65_536);
  const query = encodeQuery(id, check.query, check.type);
  const isOurs = (message: Buffer): boolean => message.length >= 12 && message.readUInt16BE(0) === id;
  const ask = check.transport === "udp" ? askDatagram : askTcp;
  judge(check, decodeReply(await ask(check.target, query, isOurs, signal)));
}

function judge({ query, type, answer }: DnsCheck, { code, question, answers, truncated }: Reply): void {
  if (question.type !== dnsTypes[type] || question.name !== query.toLowerCase().replace(/\.$/, "")) {
    throw new Failure("it answers another question");
  }
  if (code !== 0) throw new Failure(`it answers ${codes[code] ?? `with code ${code}`}`);
  const data = answers.flatMap((each) => (each.type === dnsTypes[type] ? (each.data ?? []) : []));
  if (data.length === 0)
    throw new Failure(`it has no ${type} record for ${query}${truncated ? " in a cut answer" : ""}`);
  if (answer === undefined || data.some((each) => each.toLowerCase() === answer.toLowerCase())) return;
  throw new Failure(`it says ${query} is ${data.slice(0, 3).join(", ")}`);
}

/** One datagram and its answer from there; others are none of ours. The socket is connected, so refusals are heard. */
export async function askDatagram(
  { address, port }: Target,
  question: Buffer,
  isAnswer: (message: Buffer) => boolean,
  signal: AbortSignal,
): Promise<Buffer> {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  try {
    const connected = once(socket, "connect", { signal });
    socket.connect(port, address);
    await connected;
    const answered = new Promise<Buffer>((resolve, reject) => {
      socket.on("message", (message) => isAnswer(message) && resolve(message));
      socket.on("error", reject);
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    });
    socket.send(question);
    return await answered;
  } finally {
    socket.close();
  }
}

/** Over TCP a message has its length before it. */
async function askTcp(
  target: Target,
  question: Buffer,
  isAnswer: (message: Buffer) => boolean,
  signal: AbortSignal,
): Promise<Buffer> {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(question.length);
  return withConnection(target, signal, async (socket) => {
    socket.write(Buffer.concat([length, question]));
    const message = await readUntil(
      socket,
      (received) => {
        const end = received.length < 2 ? Number.POSITIVE_INFINITY : 2 + received.readUInt16BE(0);
        return received.length < end ? undefined : received.subarray(2, end);
      },
      65_537,
    );
    if (!isAnswer(message)) throw new Failure("what it sent is no answer to our question");
    return message;
  });
}
