/** DNS messages on the wire: RFC 1035, section 4. Everything received is hostile: lengths are checked, pointers bounded. */
import { dnsTypes, type DnsType } from "../config/service.ts";
import { Failure } from "./fault.ts";

export interface Answer {
  readonly type: number;
  /** The record's data as text; nothing for types this does not know. */
  readonly data: string | undefined;
}

export interface Reply {
  readonly id: number;
  readonly truncated: boolean;
  /** 0 is no error, 3 is NXDOMAIN. */
  readonly code: number;
  readonly question: { readonly name: string; readonly type: number };
  readonly answers: readonly Answer[];
}

const classIn = 1;
const headerBytes = 12;

/** A question for recursion (RD), which an authoritative server ignores. */
export function encodeQuery(id: number, name: string, type: DnsType): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(0x0100, 2);
  header.writeUInt16BE(1, 4);
  const labels = name.split(".").filter((label) => label !== "");
  const question = labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, "latin1")]));
  return Buffer.concat([header, ...question, Buffer.from([0, 0, dnsTypes[type], 0, classIn])]);
}

/** @throws Failure for whatever is no reply to one question */
export function decodeReply(message: Buffer): Reply {
  try {
    return decode(message);
  } catch (error) {
    // Node's own check of every read.
    if (error instanceof RangeError) throw new Failure("its answer ends too early");
    throw error;
  }
}

function decode(message: Buffer): Reply {
  const flags = message.readUInt16BE(2);
  if ((flags & 0x8000) === 0 || message.readUInt16BE(4) !== 1) throw new Failure("what it sent is no DNS answer");
  const { name, end } = readName(message, headerBytes);
  const question = { name, type: message.readUInt16BE(end) };
  const answers: Answer[] = [];
  let offset = end + 4;
  for (let left = message.readUInt16BE(6); left > 0; left -= 1) {
    const start = readName(message, offset).end;
    const type = message.readUInt16BE(start);
    const length = message.readUInt16BE(start + 8);
    offset = start + 10 + length;
    if (offset > message.length) throw new Failure("its answer ends too early");
    answers.push({ type, data: readData(message, type, start + 10, length) });
  }
  return { id: message.readUInt16BE(0), truncated: (flags & 0x0200) !== 0, code: flags & 0x000f, question, answers };
}

/** Small letters and no dot at the end. A name has at most 127 labels, and so at most as many pointers. */
function readName(message: Buffer, start: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let offset = start;
  let end: number | undefined;
  for (let hops = 0; hops < 255; hops += 1) {
    const length = message.readUInt8(offset);
    if (length === 0) return { name: labels.join(".").toLowerCase(), end: end ?? offset + 1 };
    if (length >= 0xc0) {
      end ??= offset + 2;
      offset = message.readUInt16BE(offset) & 0x3fff;
    } else {
      if (length > 63 || offset + 1 + length > message.length) break;
      labels.push(message.toString("latin1", offset + 1, offset + 1 + length));
      offset += 1 + length;
    }
  }
  throw new Failure("there is a name without an end in its answer");
}

function readData(message: Buffer, type: number, start: number, length: number): string | undefined {
  const data = message.subarray(start, start + length);
  switch (type) {
    case dnsTypes.A:
      return data.join(".");
    case dnsTypes.AAAA:
      return formatIPv6(data);
    case dnsTypes.TXT:
      return readTexts(data);
    case dnsTypes.NS:
    case dnsTypes.CNAME:
    case dnsTypes.PTR:
      return readName(message, start).name;
    default:
      return undefined;
  }
}

function readTexts(data: Buffer): string {
  let text = "";
  for (let offset = 0; offset < data.length; offset += 1 + data.readUInt8(offset)) {
    text += data.toString("latin1", offset + 1, offset + 1 + data.readUInt8(offset));
  }
  return text;
}

/** Eight groups without leading zeros; the URL parser knows RFC 5952's short form. */
function formatIPv6(data: Buffer): string {
  if (data.length !== 16) throw new Failure("there is an IPv6 address of a wrong length in its answer");
  const groups = Array.from({ length: 8 }, (_, index) => data.readUInt16BE(2 * index).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
