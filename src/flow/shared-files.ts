/**
 * Files that a vendor's tool writes as well: what NCLU and NVUE commit goes into the very files that we begin. They are
 * pushed again when we would begin them differently, and not because somebody went on.
 */
import type { Guest } from "../kinds/kind.ts";
import type { RenderedFile } from "../plan/model.ts";
import type { PushFile } from "../remote/push.ts";
import { readRemote, withSftp } from "../remote/sftp.ts";
import type { Session } from "../remote/ssh.ts";

/** Each shared file of these has a record of how we began it; those that were begun like this are left out. */
export async function withRecords(
  guest: Guest,
  session: Session,
  files: readonly RenderedFile[],
): Promise<{ readonly files: readonly RenderedFile[]; readonly records: readonly PushFile[] }> {
  const shared = files.filter((file) => isShared(guest, file));
  if (shared.length === 0) return { files, records: [] };
  const records = shared.map(recordOf);
  const begun = await withSftp(session, (sftp) =>
    Promise.all(
      records.map(async ({ path, text, mode }) => {
        const found = await readRemote(sftp, path);
        // Another mode is that of a push whose readers were never told.
        return found?.text === text && found.mode === mode;
      }),
    ),
  );
  const kept = new Set(shared.filter((_, index) => begun[index] === true).map(({ path }) => path));
  return {
    files: files.filter(({ path }) => !kept.has(path)),
    records: records.filter((_, index) => begun[index] !== true),
  };
}

function isShared({ backend, interfaces, frr }: Guest, { path }: RenderedFile): boolean {
  return backend !== "frr" && (path === interfaces?.path || path === `${frr?.directory}/frr.conf`);
}

function recordOf({ path, text, owner }: RenderedFile): PushFile {
  return { path: `/var/lib/lab${path}`, text, mode: 0o600, owner };
}
