/** sshd's settings on a guest: one host key, which the lab has pinned, and nobody without the lab's own key. */
import { textOf } from "./line.ts";

/** Of several values of a keyword sshd takes the first. */
export const sshdSettings: readonly string[] = [
  "HostKey /etc/ssh/ssh_host_ed25519_key",
  "PermitRootLogin prohibit-password",
  "PasswordAuthentication no",
  "KbdInteractiveAuthentication no",
  "UseDNS no",
  // Everything is configured and asked at once.
  "MaxStartups 100:30:200",
  "MaxSessions 100",
];

/** The whole file. */
export function renderSshd(sftp: string): string {
  return textOf(["# Rendered by lab.", ...sshdSettings, `Subsystem sftp ${sftp}`]);
}
