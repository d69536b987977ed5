/** A TCP connection within a deadline. */
import { once } from "node:events";
import { Socket } from "node:net";
import type { Target } from "../config/service.ts";
import { Failure } from "./fault.ts";

/**
 * Connects and calls; whatever comes of it, the connection is closed afterwards.
 * @param signal ends it: the call rejects
 */
export async function withConnection<T>(
  { address, port }: Target,
  signal: AbortSignal,
  use: (socket: Socket) => Promise<T>,
): Promise<T> {
  const socket = new Socket({ signal });
  try {
    const connected = once(socket, "connect");
    socket.connect({ host: address, port });
    await connected;
    return await use(socket);
  } finally {
    socket.on("error", ignore);
    socket.destroy();
  }
}

/**
 * Reads until `parse` has found what it looks for.
 * @param most bytes; a service that sends more without it fails
 */
export async function readUntil<T>(
  socket: Socket,
  parse: (received: Buffer) => T | undefined,
  most: number,
): Promise<T> {
  let received = Buffer.alloc(0);
  // Not the socket itself: leaving that loop would close it.
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    received = Buffer.concat([received, chunk as Buffer]);
    const found = parse(received);
    if (found !== undefined) return found;
    if (received.length > most) throw new Failure(`it sent over ${most} bytes without an answer`);
  }
  throw new Failure("it closed the connection without an answer");
}

/** What happens to a connection that is closed anyway is nobody's business. */
function ignore(): void {}
