import * as fs from "node:fs";
import { join } from "node:path";
import ssh2, { type SFTPWrapper } from "ssh2";
import { announceExtensions, readStrings } from "./sftp-packets.ts";

const { OPEN_MODE, STATUS_CODE, flagsToString } = ssh2.utils.sftp;

export interface Files {
  /** What stands for `/`. */
  readonly root: string;
  /** Hears of each change before it is made, e.g. `rename /etc/a.lab-new /etc/a`; may throw to refuse it. */
  readonly onChange: (what: string) => void;
}

/** An open file or directory. */
interface Open {
  readonly path: string;
  /** -1 of a directory. */
  readonly descriptor: number;
  /** Of a directory, until they have been told. */
  names?: string[];
}

/** SFTP over a directory. Who owns a file is told, not set: tests need not be root. */
export function serveFiles(sftp: SFTPWrapper, { root, onChange }: Files): void {
  announceExtensions(sftp);
  const opened: (Open | undefined)[] = [];
  const at = (path: string) => join(root, path);
  const find = (handle: Buffer) => {
    const open = opened[handle.readUInt32BE()];
    if (open === undefined) throw new Error("no such handle");
    return open;
  };
  const keep = (open: Open) => {
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(opened.push(open) - 1);
    return handle;
  };
  /** As OpenSSH does: a code for what is missing, one for what is not allowed, and one for the rest. */
  const answer = (id: number, act: () => void) => {
    try {
      act();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const known = code === "ENOENT" ? STATUS_CODE.NO_SUCH_FILE : STATUS_CODE.PERMISSION_DENIED;
      sftp.status(id, code === "ENOENT" || code === "EACCES" ? known : STATUS_CODE.FAILURE, message);
    }
  };
  const change = (id: number, what: () => string, act: () => unknown = () => undefined) =>
    answer(id, () => {
      onChange(what());
      act();
      sftp.status(id, STATUS_CODE.OK);
    });
  const stat = (id: number, path: () => string) =>
    answer(id, () => {
      const { mode, uid, gid, size, atimeMs, mtimeMs } = fs.statSync(at(path()));
      sftp.attrs(id, { mode, uid, gid, size, atime: atimeMs / 1000, mtime: mtimeMs / 1000 });
    });
  const close = ({ descriptor }: Open) => descriptor >= 0 && fs.closeSync(descriptor);

  sftp
    .on("OPEN", (id, path, flags, { mode }) =>
      answer(id, () => {
        if ((flags & OPEN_MODE.WRITE) !== 0) onChange(`open ${path}`);
        sftp.handle(id, keep({ path, descriptor: fs.openSync(at(path), flagsToString(flags) ?? "r", mode) }));
      }),
    )
    .on("READ", (id, handle, offset, length) =>
      answer(id, () => {
        const bytes = Buffer.alloc(length);
        const count = fs.readSync(find(handle).descriptor, bytes, 0, length, offset);
        if (count === 0) sftp.status(id, STATUS_CODE.EOF);
        else sftp.data(id, bytes.subarray(0, count));
      }),
    )
    .on("WRITE", (id, handle, offset, data) =>
      change(
        id,
        () => `write ${find(handle).path}`,
        () => fs.writeSync(find(handle).descriptor, data, 0, data.length, offset),
      ),
    )
    .on("CLOSE", (id, handle) =>
      answer(id, () => {
        close(find(handle));
        opened[handle.readUInt32BE()] = undefined;
        sftp.status(id, STATUS_CODE.OK);
      }),
    )
    .on("STAT", (id, path) => stat(id, () => path))
    .on("FSTAT", (id, handle) => stat(id, () => find(handle).path))
    .on("SETSTAT", (id, path, { mode }) =>
      change(
        id,
        () => `chmod ${path} ${mode.toString(8)}`,
        () => fs.chmodSync(at(path), mode),
      ),
    )
    .on("FSETSTAT", (id, handle, { mode, uid, gid }: { mode?: number; uid?: number; gid?: number }) => {
      if (mode === undefined) change(id, () => `chown ${find(handle).path} ${uid}:${gid}`);
      else {
        const set = () => fs.fchmodSync(find(handle).descriptor, mode);
        change(id, () => `chmod ${find(handle).path} ${mode.toString(8)}`, set);
      }
    })
    .on("OPENDIR", (id, path) =>
      answer(id, () => sftp.handle(id, keep({ path, descriptor: -1, names: fs.readdirSync(at(path)) }))),
    )
    .on("READDIR", (id, handle) =>
      answer(id, () => {
        const attrs = { mode: 0, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 };
        const names = find(handle).names?.splice(0) ?? [];
        const entries = names.map((filename) => ({ filename, longname: filename, attrs }));
        if (entries.length === 0) sftp.status(id, STATUS_CODE.EOF);
        else sftp.name(id, entries);
      }),
    )
    .on("REMOVE", (id, path) =>
      change(
        id,
        () => `remove ${path}`,
        () => fs.unlinkSync(at(path)),
      ),
    )
    .on("MKDIR", (id, path) =>
      change(
        id,
        () => `mkdir ${path}`,
        () => fs.mkdirSync(at(path)),
      ),
    )
    .on("EXTENDED", (id, name, data) => {
      const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = readStrings(data);
      const rename = () => fs.renameSync(at(String(first)), at(String(second)));
      if (name === "fsync@openssh.com") change(id, () => `sync ${find(first).path}`);
      else change(id, () => `rename ${String(first)} ${String(second)}`, rename);
    })
    .once("close", () => opened.forEach((open) => open !== undefined && close(open)));
}
