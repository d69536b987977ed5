/** SFTP as promises: what a node has, read over an open channel; and what becomes of work on it that fails. */
import type { SFTPWrapper } from "ssh2";
import { NodeError } from "../errors.ts";
import { connectionLost } from "./command.ts";
import type { Session } from "./ssh.ts";

/**
 * Works on the node's files. Throws NodeError where the node refuses, and when the channel ends: ssh2 would leave requests
 * without an answer for ever.
 */
export async function withSftp<Result>(
  session: Session,
  work: (sftp: SFTPWrapper) => Promise<Result>,
): Promise<Result> {
  const sftp = await session.sftp();
  return new Promise((resolve, reject) => {
    const cut = () => reject(connectionLost(session.node, ["sftp"]));
    sftp.once("close", cut);
    work(sftp)
      .finally(() => sftp.removeListener("close", cut))
      .then(resolve, (error: unknown) => reject(explain(session.node, error)));
  });
}

/** What the node says no to, and whom the end of the channel keeps waiting; anything else is a bug and goes on. */
function explain(node: string, error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  // What ssh2 1.17 answers to requests that are under way when the node ends the channel.
  if (error.message.endsWith("No response from server")) return connectionLost(node, ["sftp"], error);
  if (!("code" in error) || typeof error.code !== "number") return error;
  return new NodeError(node, { code: "E_SFTP", message: error.message, hint: `lab ssh ${node}`, cause: error });
}

/** Text and permission bits of a file on the node; undefined if there is none. */
export async function readRemote(
  sftp: SFTPWrapper,
  path: string,
): Promise<{ readonly text: string; readonly mode: number } | undefined> {
  try {
    const [text, { mode }] = await Promise.all([
      call<Buffer>(path, (done) => sftp.readFile(path, done)),
      call<{ mode: number }>(path, (done) => sftp.stat(path, done)),
    ]);
    return { text: text.toString("utf8"), mode: mode & 0o7777 };
  } catch (error) {
    if (isNoSuchFile(error)) return undefined;
    throw error;
  }
}

/** Names in a directory on the node, sorted; empty if there is none. */
export async function listRemote(sftp: SFTPWrapper, path: string): Promise<string[]> {
  try {
    const entries = await call<{ filename: string }[]>(path, (done) => sftp.readdir(path, done));
    return entries.map((entry) => entry.filename).toSorted();
  } catch (error) {
    if (isNoSuchFile(error)) return [];
    throw error;
  }
}

/** ssh2 speaks in callbacks whose first argument is an error, null or undefined. Errors get the path, which SFTP leaves out. */
export function call<T>(
  path: string,
  start: (done: (error: Error | null | undefined, value?: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => {
      if (!(error instanceof Error)) return resolve(value as T);
      error.message = `${path}: ${error.message}`;
      return reject(error);
    });
  });
}

/** SSH_FX_NO_SUCH_FILE (draft-ietf-secsh-filexfer-02, section 7). */
export function isNoSuchFile(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === 2;
}
