/** SFTP to a hypervisor, as its login: only the private place of a lab is written to, in the login's home directory. */
import type { Client, SFTPWrapper } from "ssh2";
import { HostError } from "../../errors.ts";
import { call } from "../sftp.ts";
import { LinkLost } from "./link.ts";
import { isRefusal, TooManySessions } from "./script.ts";

export interface Files {
  /** Makes the directory of one job, and its input: whole or not at all, since the job may be under way and reading it. */
  prepare(client: Client, directory: string, input: string | Uint8Array): Promise<void>;
}

/** One SFTP channel for each connection, opened when first needed. */
export function remoteFiles(name: string): Files {
  const channels = new WeakMap<Client, Promise<SFTPWrapper>>();
  const channelOf = (client: Client) => {
    const known = channels.get(client);
    if (known !== undefined) return known;
    const opening = openSftp(client, name);
    channels.set(client, opening);
    // Neither a failed attempt nor a channel that has ended is remembered.
    const forget = () => channels.delete(client);
    opening.then((sftp) => sftp.once("close", forget), forget);
    return opening;
  };
  let drafts = 0;
  return {
    async prepare(client, directory, input) {
      const sftp = await channelOf(client);
      const path = `${directory}/input`;
      drafts += 1;
      // Of this attempt alone: the server may still be at work on that of one whose connection was lost.
      const draft = `${path}.${drafts}`;
      await unlessCut(sftp, async () => {
        // In one round trip: the server does one after the other.
        await Promise.all([makeUnlessThere(sftp, directory), write(sftp, draft, toBytes(input))]);
        await call<void>(path, (done) => sftp.ext_openssh_rename(draft, path, done));
      });
    },
  };
}

function toBytes(input: string | Uint8Array): Buffer {
  return typeof input === "string" ? Buffer.from(input, "utf8") : Buffer.from(input);
}

function openSftp(client: Client, name: string): Promise<SFTPWrapper> {
  return new Promise((resolve, reject) => {
    const cut = () => reject(new LinkLost("it ended"));
    client.once("close", cut);
    try {
      client.sftp((error, sftp) => {
        client.removeListener("close", cut);
        if (error === undefined) resolve(sftp);
        else if (isCut(error)) reject(new LinkLost("it ended", { cause: error }));
        else reject(isRefusal(error) ? new TooManySessions() : noSftp(name, error));
      });
    } catch (error) {
      reject(new LinkLost("it ended", { cause: error }));
    }
  });
}

/** ssh2 leaves requests without an answer for ever when their channel ends. */
function unlessCut(sftp: SFTPWrapper, work: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const cut = () => reject(new LinkLost("it ended"));
    sftp.once("close", cut);
    work()
      .finally(() => sftp.removeListener("close", cut))
      .then(resolve, (error: unknown) => reject(isCut(error) ? new LinkLost("it ended", { cause: error }) : error));
  });
}

/** What ssh2 says of a channel or a request that the end of the connection has cut short. */
function isCut(error: unknown): boolean {
  return error instanceof Error && /No response from server|Not connected|unexpectedly/.test(error.message);
}

/** A connection that was lost may have been so after the directory was made. */
async function makeUnlessThere(sftp: SFTPWrapper, directory: string): Promise<void> {
  try {
    await call<void>(directory, (done) => sftp.mkdir(directory, { mode: 0o700 }, done));
  } catch (error) {
    // SFTP has no error of its own for that.
    if (isCut(error)) throw error;
    await call(directory, (done) => sftp.stat(directory, done));
  }
}

/** Only its owner ever reads it, from the first byte on. */
async function write(sftp: SFTPWrapper, path: string, bytes: Buffer): Promise<void> {
  const handle = await call<Buffer>(path, (done) => sftp.open(path, "w", 0o600, done));
  if (bytes.length > 0) await call<void>(path, (done) => sftp.write(handle, bytes, 0, bytes.length, 0, done));
  await call<void>(path, (done) => sftp.close(handle, done));
}

function noSftp(name: string, cause: Error): HostError {
  return new HostError({
    code: "E_NO_SFTP",
    message: `${name} offers no SFTP, by which files go there (${cause.message})`,
    hint: "Subsystem sftp /usr/libexec/sftp-server in its sshd_config, then service sshd restart",
  });
}
