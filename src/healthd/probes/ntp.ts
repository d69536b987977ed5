/** A time server: one exchange as a client, RFC 5905 sections 7.3 and 9.2. That its time is right is not judged here. */
import { randomBytes } from "node:crypto";
import type { NtpCheck } from "../config/service.ts";
import { askDatagram } from "./dns.ts";
import { Failure } from "./fault.ts";

const packetBytes = 48;
/** No leap warning, version 4, mode 3 (client). */
const clientHeader = 0b00_100_011;
const modeServer = 4;
const leapUnsynchronised = 3;
const originAt = 24;
const transmitAt = 40;

export async function probeNtp({ target }: NtpCheck, signal: AbortSignal): Promise<void> {
  const question = Buffer.alloc(packetBytes);
  question.writeUInt8(clientHeader, 0);
  // The server sends it back as the origin: a random one proves that this is the answer, and tells nobody our time.
  const stamp = randomBytes(8);
  stamp.copy(question, transmitAt);
  const isOurs = (message: Buffer): boolean =>
    message.length >= packetBytes && message.subarray(originAt, originAt + 8).equals(stamp);
  judge(await askDatagram(target, question, isOurs, signal));
}

function judge(answer: Buffer): void {
  const header = answer.readUInt8(0);
  const stratum = answer.readUInt8(1);
  if ((header & 0b111) !== modeServer) throw new Failure(`it answers in mode ${header & 0b111}, not as a server`);
  // Stratum 0 is a kiss of death (7.4): the reference identifier says why.
  if (stratum === 0) throw new Failure(`it sends us away: ${answer.toString("latin1", 12, 16)}`);
  if (header >> 6 === leapUnsynchronised || stratum > 15) throw new Failure("its clock is not synchronised");
}
