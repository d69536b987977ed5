/**
 * The host key of a hypervisor, held against the user's own known_hosts files. ssh-keygen looks them up, so that hashed
 * names, markers and patterns mean what they mean to OpenSSH. Nothing is trusted on first use.
 */
import { createHash } from "node:crypto";
import { HostError } from "../../errors.ts";
import type { Exec } from "../../system/exec.ts";

export interface KnownKey {
  /** `ssh-ed25519`, `ssh-rsa`, … */
  readonly type: string;
  readonly base64: string;
  readonly revoked: boolean;
  readonly file: string;
}

export interface KnownKeys {
  readonly keys: readonly KnownKey[];
  /** They are of the same host on its usual port: another key says nothing, the same one is good, as OpenSSH has it. */
  readonly loose: boolean;
}

/**
 * The keys that the files have for the first of these names that they know at all. Certificate authorities are left out:
 * ssh2 knows no certificates.
 */
export async function findKnownKeys(
  exec: Pick<Exec, "try">,
  files: readonly string[],
  names: readonly string[],
): Promise<KnownKeys> {
  for (const [index, name] of names.entries()) {
    const keys = (await Promise.all(files.map((file) => lookUp(exec, file, name)))).flat();
    if (keys.length > 0) return { keys, loose: index > 0 };
  }
  return { keys: [], loose: false };
}

/** A name that is in no line, and a file that is not there, are the same to us: the key is not known. */
async function lookUp(exec: Pick<Exec, "try">, file: string, name: string): Promise<readonly KnownKey[]> {
  const argv = ["ssh-keygen", "-F", name, "-f", file];
  const { stdout, failure, exitCode } = await exec.try(argv, { timeoutMs: 10_000 });
  if (failure !== undefined && exitCode === undefined) throw noKeygen(failure);
  return parseFound(stdout, file);
}

/** The lines that ssh-keygen prints: `[@MARKER] NAMES TYPE KEY [COMMENT]`, each after a comment. */
export function parseFound(text: string, file: string): readonly KnownKey[] {
  return text.split("\n").flatMap((line): KnownKey[] => {
    if (line.startsWith("#")) return [];
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith("@") === true ? words.shift() : undefined;
    const [, type, base64] = words;
    if (type === undefined || base64 === undefined || marker === "@cert-authority") return [];
    return [{ type, base64, revoked: marker === "@revoked", file }];
  });
}

/** How a key that a host shows stands to those that are known of it. */
export type Standing = "known" | "unknown" | "changed" | "revoked";

export function judgeKey(shown: Buffer, { keys, loose }: KnownKeys): Standing {
  const same = keys.filter(({ base64 }) => base64 === shown.toString("base64"));
  if (same.some(({ revoked }) => revoked)) return "revoked";
  if (same.length > 0) return "known";
  return !loose && keys.some(({ revoked }) => !revoked) ? "changed" : "unknown";
}

/** As OpenSSH does, a host is asked for a key of a kind that is known: it may have others, which would tell nothing. */
export function algorithmsFor({ keys }: KnownKeys): readonly string[] | undefined {
  const types = [...new Set(keys.filter(({ revoked }) => !revoked).map(({ type }) => type))];
  const algorithms = types.flatMap((type) => (type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type]));
  const usable = algorithms.filter((name) => understood.has(name));
  return usable.length === 0 ? undefined : usable;
}

/** Of ssh2. */
const understood = new Set([
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
]);

export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

export interface Shown {
  /** As the user writes it. */
  readonly url: string;
  /** As known_hosts has it: `hv`, `[hv]:2222`. */
  readonly name: string;
  /** What to write behind `ssh`. */
  readonly words: string;
  readonly key: Buffer;
}

/** Nothing was sent to the host but the handshake. */
export function refuseKey({ url, name, words, key }: Shown, standing: Standing, { keys }: KnownKeys): HostError {
  const fingerprint = fingerprintOf(key);
  if (standing === "unknown") {
    return new HostError({
      code: "E_HOST_KEY_UNKNOWN",
      message: `${url}: its host key ${fingerprint} is in none of your known_hosts files; nothing was sent`,
      hint: `ssh ${words} once, compare the fingerprint, say yes; or ssh-keyscan for it, and look at the key before you keep it`,
    });
  }
  const files = [...new Set(keys.map(({ file }) => file))].join(", ");
  if (standing === "revoked") {
    return new HostError({
      code: "E_HOST_KEY",
      message: `${url}: its host key ${fingerprint} is revoked in ${files}; nothing was sent`,
      hint: "give the hypervisor a new host key, and make it known",
    });
  }
  return new HostError({
    code: "E_HOST_KEY",
    message: `${url}: its host key ${fingerprint} is not the one in ${files}; nothing was sent`,
    hint: `somebody else may answer there. If it was installed anew: ssh-keygen -R '${name}', then ssh ${words}`,
  });
}

function noKeygen(why: string): HostError {
  return new HostError({
    code: "E_NO_OPENSSH",
    message: `ssh-keygen: ${why}`,
    hint: "install OpenSSH's client: it looks up host keys, and carries lab ssh and Ansible",
  });
}
