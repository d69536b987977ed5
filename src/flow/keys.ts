/** The keys of one lab: its own identity and a host key for each node, kept 0600 in its state. */
import { join } from "node:path";
import { LabError } from "../errors.ts";
import { isReadable, type KeyPair, makeKeyPair } from "../remote/keys.ts";
import { readTextOr, replaceFile } from "../system/files.ts";
import type { State } from "./state.ts";

export interface LabKeys {
  readonly identity: KeyPair;
  /** Host key of each node. */
  readonly hosts: ReadonlyMap<string, KeyPair>;
}

/** The keys of a lab: what is stored is kept, what is missing for a node is made. Files are 0600. */
export async function ensureKeys(state: State, nodes: readonly string[]): Promise<LabKeys> {
  const identity = await ensureIdentity(state);
  const path = join(state.keys, "hosts.json");
  const stored = parseHosts(path, await readTextOr(path, "{}"));
  const hosts = new Map(nodes.map((node) => [node, usable(stored[node])]));
  if (nodes.some((node) => stored[node] !== hosts.get(node))) {
    await replaceFile(path, JSON.stringify(Object.fromEntries(hosts)), 0o600);
  }
  return { identity, hosts };
}

/** New keys in place of damaged ones would lock us out of the nodes that run with the old. */
function parseHosts(path: string, text: string): Readonly<Record<string, KeyPair>> {
  try {
    const hosts: unknown = JSON.parse(text);
    if (typeof hosts === "object" && hosts !== null) return hosts as Record<string, KeyPair>;
  } catch {
    // Said below, as of a text that is JSON but holds something else.
  }
  throw new LabError({
    code: "E_KEYS",
    message: `${path} is damaged: it does not hold the host keys of the nodes`,
    hint: "lab down, then lab up makes new ones",
  });
}

async function ensureIdentity(state: State): Promise<KeyPair> {
  const [secret, open] = await Promise.all([
    readTextOr(state.identity, undefined),
    readTextOr(`${state.identity}.pub`, undefined),
  ]);
  if (secret !== undefined && open !== undefined && isReadable(secret)) return { private: secret, public: open.trim() };
  const pair = makeKeyPair();
  await replaceFile(state.identity, pair.private, 0o600);
  await replaceFile(`${state.identity}.pub`, `${pair.public}\n`, 0o600);
  return pair;
}

/** A stored pair, unless there is none or nobody can read it. */
function usable(pair: KeyPair | undefined): KeyPair {
  return pair !== undefined && isReadable(pair.private) ? pair : makeKeyPair();
}
