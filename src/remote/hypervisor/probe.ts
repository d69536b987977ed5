/** What a login to a hypervisor is good for, as `lab doctor` says it. */
import type { Privilege } from "./privilege.ts";

/** A row of `lab doctor`. */
export interface Finding {
  readonly what: string;
  readonly status: "good" | "missing";
  readonly consequence?: string;
  readonly fix?: string;
}

export function describePrivilege(name: string, { how, refused }: Privilege): readonly Finding[] {
  const connection: Finding = { what: `connection to ${name}`, status: "good" };
  if (how === "root") return [connection, { what: "root", status: "good" }];
  if (how !== "none") return [connection, { what: `root, by ${how} -n`, status: "good" }];
  const why = refused.length === 0 ? "there is neither doas nor sudo" : `${refused.join(" and ")} wants a password`;
  return [
    connection,
    {
      what: "root",
      status: "missing",
      consequence: `vm has no finer privilege, and ${why}`,
      fix: refused.includes("sudo") && !refused.includes("doas") ? bySudo : byDoas,
    },
  ];
}

const bySudo = "there, by visudo: LOGIN ALL=(ALL) NOPASSWD: ALL; or log in as root";
const byDoas =
  "there: pkg install doas, and permit nopass LOGIN in /usr/local/etc/doas.conf; or PermitRootLogin prohibit-password and ssh://root@…";
