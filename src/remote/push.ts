/**
 * Files to a node by SFTP. A file whose content and mode are already right is left alone; any other is written to a
 * temporary name, synced, checked by the node's own tools, and only then renamed: a crash leaves the old or the new one.
 * The files of one push travel side by side, since a round trip costs more than a file.
 */
import type { SFTPWrapper } from "ssh2";
import type { Checking } from "./check.ts";
import { type Owner, ownersOf } from "./owner.ts";
import { call, isNoSuchFile, readRemote, withSftp } from "./sftp.ts";
import { commandFailed, type Session } from "./ssh.ts";

export type { Checking };

export interface PushFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  /** `user:group`. */
  readonly owner: string;
  /** Syntax check on the node: the path of the candidate is appended. */
  readonly check?: readonly string[];
}

/**
 * A mode that means nothing on a file (chmod(2): the sticky bit), and here: what reads it has not been told. A run that
 * fails or is killed before that leaves it, so that the next run finds a file that differs.
 */
const untold = 0o1000;

/**
 * Pushes all files or none of those that differ: no file takes its place before every check has passed. Returns the
 * paths that were written, to be settled once what reads them has been told. Throws NodeError when a check refuses a
 * candidate, or one cannot be written.
 */
export function pushFiles(session: Session, files: readonly PushFile[], checking: Checking): Promise<string[]> {
  return withSftp(session, async (sftp) => {
    const current = await Promise.all(files.map((file) => readRemote(sftp, file.path)));
    const different = files.filter(
      (file, index) => current[index]?.text !== file.text || current[index]?.mode !== file.mode,
    );
    if (different.length === 0) return [];
    const [owners] = await Promise.all([ownersOf(session, sftp, different), makeParents(sftp, different)]);
    try {
      await Promise.all(different.map((file) => writeCandidate(sftp, file, owners.get(file.owner))));
      await checkCandidates(session, different, checking);
    } catch (error) {
      await Promise.allSettled(different.map((file) => remove(sftp, candidateOf(file))));
      throw error;
    }
    await Promise.all(different.map((file) => rename(sftp, candidateOf(file), file.path)));
    return different.map((file) => file.path);
  });
}

/** Files that were pushed have reached what reads them: the next push need not write them again. */
export async function settleFiles(session: Session, files: readonly PushFile[]): Promise<void> {
  if (files.length === 0) return;
  await withSftp(session, (sftp) =>
    Promise.all(files.map(({ path, mode }) => call<void>(path, (done) => sftp.chmod(path, mode, done)))),
  );
}

function candidateOf(file: Pick<PushFile, "path">): string {
  return `${file.path}.lab-new`;
}

function rename(sftp: SFTPWrapper, from: string, to: string): Promise<void> {
  return call<void>(to, (done) => sftp.ext_openssh_rename(from, to, done));
}

function remove(sftp: SFTPWrapper, path: string): Promise<void> {
  return call<void>(path, (done) => sftp.unlink(path, done));
}

async function writeCandidate(sftp: SFTPWrapper, file: PushFile, owner: Owner | undefined): Promise<void> {
  const path = candidateOf(file);
  const handle = await call<Buffer>(path, (done) => sftp.open(path, "w", file.mode, done));
  const bytes = Buffer.from(file.text, "utf8");
  if (bytes.length > 0) await call<void>(path, (done) => sftp.write(handle, bytes, 0, bytes.length, 0, done));
  // Before the mode, which a change of owner may cut.
  if (owner !== undefined) await call<void>(path, (done) => sftp.fchown(handle, owner.user, owner.group, done));
  await Promise.all([
    call<void>(path, (done) => sftp.fchmod(handle, file.mode | untold, done)),
    call<void>(path, (done) => sftp.ext_openssh_fsync(handle, done)),
    call<void>(path, (done) => sftp.close(handle, done)),
  ]);
}

async function checkCandidates(session: Session, files: readonly PushFile[], checking: Checking): Promise<void> {
  const results = await Promise.all(
    files.flatMap(({ check, ...file }) =>
      check === undefined
        ? []
        : [
            checking(check, file.text, async () => ({
              ...(await session.try([...check, candidateOf(file)])),
              argv: [...check, file.path],
            })),
          ],
    ),
  );
  const refused = results.find((result) => result.exitCode !== 0);
  if (refused !== undefined) throw commandFailed(session.node, refused);
}

async function makeParents(sftp: SFTPWrapper, files: readonly PushFile[]): Promise<void> {
  const parents = [...new Set(files.map((file) => file.path.slice(0, file.path.lastIndexOf("/"))))];
  const missing = await Promise.all(
    parents.map((parent) =>
      call(parent, (done) => sftp.stat(parent, done)).then(
        () => undefined,
        () => parent,
      ),
    ),
  );
  for (const parent of missing.filter((path) => path !== undefined)) await makeDirectory(sftp, parent);
}

/** Like `mkdir -p`. */
async function makeDirectory(sftp: SFTPWrapper, path: string): Promise<void> {
  try {
    await call<void>(path, (done) => sftp.mkdir(path, { mode: 0o755 }, done));
  } catch (error) {
    if (isNoSuchFile(error)) {
      await makeDirectory(sftp, path.slice(0, path.lastIndexOf("/")));
      await call<void>(path, (done) => sftp.mkdir(path, { mode: 0o755 }, done));
      return;
    }
    // Already there: SFTP has no error of its own for that.
    await call(path, (done) => sftp.stat(path, done));
  }
}
