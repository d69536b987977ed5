/** What is opened over a connection beside commands: a stream to somebody else, and the node's files. */
import type { Duplex } from "node:stream";
import type { Client, SFTPWrapper } from "ssh2";
import { connectionLost } from "./command.ts";

/** Where nobody answers, TCP's own patience is minutes, and ours is to try again. */
const forwardMs = 5000;

/** A stream to a port of an address that the node reaches; rejects when nobody answers there. */
export function openForward(node: string, client: Client, address: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      reject(new Error(`${node} gets no answer from ${address}`));
    }, forwardMs);
    client.forwardOut("127.0.0.1", 0, address, port, (error, channel) => {
      clearTimeout(timer);
      if (error !== undefined) reject(error);
      // Nobody waits for it any more.
      else if (isLate) channel.close();
      else resolve(channel);
    });
  });
}

/** Throws NodeError: the connection was lost. */
export async function openSftp(node: string, client: Client): Promise<SFTPWrapper> {
  try {
    return await new Promise((resolve, reject) => {
      client.sftp((error, sftp) => (error === undefined ? resolve(sftp) : reject(error)));
    });
  } catch (error) {
    throw connectionLost(node, ["sftp"], error);
  }
}
