/** Owners of files by name. SFTP takes numbers only, and these are the node's own: its passwd(5) and group(5) know them. */
import type { SFTPWrapper } from "ssh2";
import { NodeError } from "../errors.ts";
import { readRemote } from "./sftp.ts";
import type { Session } from "./ssh.ts";

export interface Owner {
  readonly user: number;
  readonly group: number;
}

/** Numbers for each `user:group` that the login does not give its files anyway. Throws NodeError for an unknown name. */
export async function ownersOf(
  session: Session,
  sftp: SFTPWrapper,
  files: readonly { readonly owner: string }[],
): Promise<ReadonlyMap<string, Owner>> {
  const own = `${session.user}:${session.user}`;
  const names = [...new Set(files.map(({ owner }) => owner))].filter((owner) => owner !== own);
  if (names.length === 0) return new Map();
  const [users, groups] = await Promise.all(["/etc/passwd", "/etc/group"].map((path) => readNumbers(sftp, path)));
  return new Map(
    names.map((owner): [string, Owner] => {
      const [userName = "", groupName = ""] = owner.split(":");
      const user = users?.get(userName);
      const group = groups?.get(groupName);
      if (user === undefined || group === undefined) {
        throw new NodeError(session.node, {
          code: "E_NO_SUCH_OWNER",
          message: `${user === undefined ? `user ${userName}` : `group ${groupName}`} does not exist there`,
          hint: "is the package that makes it installed?",
        });
      }
      return [owner, { user, group }];
    }),
  );
}

/** Third field by first, which both files share. */
async function readNumbers(sftp: SFTPWrapper, path: string): Promise<ReadonlyMap<string, number>> {
  const text = (await readRemote(sftp, path))?.text ?? "";
  return new Map(
    text.split("\n").map((line): [string, number] => {
      const [name = "", , number = ""] = line.split(":");
      return [name, Number(number)];
    }),
  );
}
