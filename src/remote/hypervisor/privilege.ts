/** Whether the login is root, or may become it without a password. */
import type { Client } from "ssh2";
import { runScript } from "./script.ts";

export interface Privilege {
  readonly how: "root" | "doas" | "sudo" | "none";
  /** Words before a command that make it one of root. */
  readonly words: readonly string[];
  /** Of the two that are there and want a password. */
  readonly refused: readonly string[];
}

const words = { root: [], doas: ["doas", "-n"], sudo: ["sudo", "-n"], none: [] } as const;

/** Of two that work, FreeBSD's own habit first. */
const question = `
PATH=$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin
if [ "$(id -u)" = 0 ]; then echo root; exit 0; fi
refused=
for one in doas sudo; do
	command -v "$one" >/dev/null 2>&1 || continue
	if "$one" -n true >/dev/null 2>&1 </dev/null; then echo "$one"; exit 0; fi
	refused="$refused $one"
done
echo none $refused
exit 0`;

export async function findPrivilege(client: Client): Promise<Privilege> {
  const { stdout } = await runScript(client, question, { timeoutMs: 20_000, asRoot: [] });
  const [said = "none", ...refused] = stdout.trim().split(/\s+/);
  const how = said === "root" || said === "doas" || said === "sudo" ? said : "none";
  return { how, words: words[how], refused };
}
