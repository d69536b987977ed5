/**
 * Files to a node by SFTP. A file whose content and mode are already right is left alone; any other is written to a
 * temporary name, synced, checked by the node's own tools, and only then renamed: a crash leaves the old or the new one.
 */
import type { SFTPWrapper } from "ssh2";
import type { Session } from "./ssh.ts";
import { commandFailed } from "./ssh.ts";

export interface PushFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  /** `user:group`. */
  readonly owner: string;
  /** Syntax check on the node: the path of the candidate is appended. */
  readonly check?: readonly string[];
}

/** Pushes in order; returns the paths that were written. Throws NodeError when a check refuses a candidate. */
export async function pushFiles(session: Session, files: readonly PushFile[]): Promise<string[]> {
  const sftp = await session.sftp();
  try {
    const written: string[] = [];
    for (const file of files) {
      if (await pushFile(session, sftp, file)) written.push(file.path);
    }
    return written;
  } finally {
    sftp.end();
  }
}

async function pushFile(session: Session, sftp: SFTPWrapper, file: PushFile): Promise<boolean> {
  const current = await readRemote(sftp, file.path);
  if (current?.text === file.text && current.mode === file.mode) return false;
  const candidate = `${file.path}.lab-new`;
  await makeParents(sftp, file.path);
  await writeSynced(sftp, candidate, file);
  await session.run(["chown", file.owner, candidate]);
  if (file.check !== undefined) {
    const result = await session.try([...file.check, candidate]);
    if (result.exitCode !== 0) {
      await promise<void>((done) => sftp.unlink(candidate, done));
      throw commandFailed(session.node, { ...result, argv: [...file.check, file.path] });
    }
  }
  await promise<void>((done) => sftp.ext_openssh_rename(candidate, file.path, done));
  return true;
}

/** Text and permission bits of a file on the node; undefined if there is none. */
export async function readRemote(
  sftp: SFTPWrapper,
  path: string,
): Promise<{ readonly text: string; readonly mode: number } | undefined> {
  try {
    const text = await promise<Buffer>((done) => sftp.readFile(path, done));
    const { mode } = await promise<{ mode: number }>((done) => sftp.stat(path, done));
    return { text: text.toString("utf8"), mode: mode & 0o7777 };
  } catch (error) {
    if (isNoSuchFile(error)) return undefined;
    throw error;
  }
}

/** Names in a directory on the node, sorted; empty if there is none. */
export async function listRemote(sftp: SFTPWrapper, path: string): Promise<string[]> {
  try {
    const entries = await promise<{ filename: string }[]>((done) => sftp.readdir(path, done));
    return entries.map((entry) => entry.filename).toSorted();
  } catch (error) {
    if (isNoSuchFile(error)) return [];
    throw error;
  }
}

async function writeSynced(sftp: SFTPWrapper, path: string, file: PushFile): Promise<void> {
  const handle = await promise<Buffer>((done) => sftp.open(path, "w", file.mode, done));
  const bytes = Buffer.from(file.text, "utf8");
  if (bytes.length > 0) await promise<void>((done) => sftp.write(handle, bytes, 0, bytes.length, 0, done));
  await promise<void>((done) => sftp.fchmod(handle, file.mode, done));
  await promise<void>((done) => sftp.ext_openssh_fsync(handle, done));
  await promise<void>((done) => sftp.close(handle, done));
}

async function makeParents(sftp: SFTPWrapper, path: string): Promise<void> {
  const parts = path.split("/").slice(1, -1);
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const directory = `/${parts.slice(0, depth).join("/")}`;
    const exists = await promise<unknown>((done) => sftp.stat(directory, done)).catch(() => undefined);
    if (exists === undefined) await promise<void>((done) => sftp.mkdir(directory, { mode: 0o755 }, done));
  }
}

/** ssh2 speaks in callbacks whose first argument is an error, null or undefined. */
function promise<T>(call: (done: (error: Error | null | undefined, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error instanceof Error ? reject(error) : resolve(value as T)));
  });
}

/** SSH_FX_NO_SUCH_FILE (draft-ietf-secsh-filexfer-02, section 7). */
function isNoSuchFile(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === 2;
}
