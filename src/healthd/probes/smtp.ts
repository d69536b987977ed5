/** A mail server's greeting: RFC 5321 section 3.1, replies in 4.2. */
import type { SmtpCheck } from "../config/service.ts";
import { readUntil, withConnection } from "./connect.ts";
import { Failure } from "./fault.ts";

/** 512 bytes a line (4.5.3.1.5), and no greeting has more than a few. */
const mostBytes = 8192;

export async function probeSmtp({ target }: SmtpCheck, signal: AbortSignal): Promise<void> {
  await withConnection(target, signal, async (socket) => {
    const greeting = await readUntil(socket, lastLine, mostBytes);
    if (!greeting.startsWith("220")) throw new Failure(`it greets with: ${greeting}`);
    // Its log should not speak of a lost connection every second.
    socket.end("QUIT\r\n");
  });
}

/** The last line of a reply, which has a blank behind its code where others have a hyphen. */
function lastLine(received: Buffer): string | undefined {
  const text = received.toString("latin1");
  if (!/^\d{3}/.test(text) && text.length >= 3) throw new Failure(`it greets with: ${text}`);
  return /^(\d{3}( [^\n]*)?)\r?\n/m.exec(text)?.[1]?.trimEnd();
}
