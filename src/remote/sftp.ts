/** SFTP as promises: what a node has, read over an open channel. */
import type { SFTPWrapper } from "ssh2";

/** Text and permission bits of a file on the node; undefined if there is none. */
export async function readRemote(
  sftp: SFTPWrapper,
  path: string,
): Promise<{ readonly text: string; readonly mode: number } | undefined> {
  try {
    const [text, { mode }] = await Promise.all([
      call<Buffer>((done) => sftp.readFile(path, done)),
      call<{ mode: number }>((done) => sftp.stat(path, done)),
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
    const entries = await call<{ filename: string }[]>((done) => sftp.readdir(path, done));
    return entries.map((entry) => entry.filename).toSorted();
  } catch (error) {
    if (isNoSuchFile(error)) return [];
    throw error;
  }
}

/** ssh2 speaks in callbacks whose first argument is an error, null or undefined. */
export function call<T>(start: (done: (error: Error | null | undefined, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => (error instanceof Error ? reject(error) : resolve(value as T)));
  });
}

/** SSH_FX_NO_SUCH_FILE (draft-ietf-secsh-filexfer-02, section 7). */
export function isNoSuchFile(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === 2;
}
