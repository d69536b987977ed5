/**
 * How this user logs in to a hypervisor: what OpenSSH itself would do, asked of `ssh -G`, so that `~/.ssh/config` counts
 * where there is one and its defaults where there is none. Keys come from ssh-agent and from identity files without a
 * passphrase; nobody is there to be asked for one.
 */
import { join } from "node:path";
import ssh2, { type AuthMethod } from "ssh2";
import { HostError } from "../../errors.ts";
import type { Exec } from "../../system/exec.ts";
import { readTextOr } from "../../system/files.ts";
import type { HostUrl } from "./url.ts";

export interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Names under which known_hosts files may have it, the likeliest first. */
  readonly names: readonly string[];
  readonly knownHosts: readonly string[];
  readonly identities: readonly string[];
  /** Socket of ssh-agent. */
  readonly agent: string | undefined;
}

export interface LoginOptions {
  readonly exec: Pick<Exec, "try">;
  /** OpenSSH's configuration in place of the user's own. */
  readonly config: string | undefined;
  /** `SSH_AUTH_SOCK`. */
  readonly agent: string | undefined;
  readonly home: string;
}

/** What OpenSSH is called with, before a command: for `ssh -G`, for guests' ProxyCommand and for people. */
export function sshWords({ host, user, port }: HostUrl, config?: string): readonly string[] {
  return [
    ...(config === undefined ? [] : ["-F", config]),
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...(user === undefined ? [] : ["-l", user]),
    host,
  ];
}

export async function findLogin(url: HostUrl, { exec, config, agent, home }: LoginOptions): Promise<Login> {
  const argv = ["ssh", "-G", ...sshWords(url, config)];
  const { stdout, stderr, failure, exitCode } = await exec.try(argv, { timeoutMs: 10_000 });
  if (failure !== undefined) {
    throw new HostError({
      code: "E_NO_OPENSSH",
      message: `${argv.join(" ")}: ${failure}${stderr === "" ? "" : `\n    ${stderr.trim()}`}`,
      hint:
        exitCode === undefined
          ? "install OpenSSH's client: it knows how you log in, and carries lab ssh and Ansible"
          : "mend your OpenSSH configuration, or name another one in LAB_SSH_CONFIG",
    });
  }
  return readLogin(stdout, url, agent, home);
}

/** Reads what `ssh -G` prints: `keyword value` lines. */
export function readLogin(text: string, url: HostUrl, agent: string | undefined, home: string): Login {
  const all = (key: string) =>
    text.split("\n").flatMap((line) => (line.startsWith(`${key} `) ? [line.slice(key.length + 1).trim()] : []));
  const first = (key: string) => all(key)[0];
  const expand = (path: string) => (path.startsWith("~/") ? join(home, path.slice(2)) : path);
  const files = (key: string) => (first(key) ?? "").split(/\s+/).filter((path) => path !== "" && path !== "none");
  const host = first("hostname") ?? url.host;
  const port = Number(first("port") ?? url.port ?? 22);
  const name = first("hostkeyalias") ?? host;
  const socket = first("identityagent");
  return {
    host,
    port,
    user: first("user") ?? url.user ?? "root",
    names: port === 22 ? [name] : [`[${name}]:${port}`, name],
    knownHosts: [...files("userknownhostsfile"), ...files("globalknownhostsfile")].map(expand),
    identities: all("identityfile")
      .filter((path) => path !== "none")
      .map(expand),
    agent: socket === undefined || socket === "SSH_AUTH_SOCK" ? agent : socket === "none" ? undefined : expand(socket),
  };
}

/** What to try, and in words what that is and what could not be tried. */
export interface Offers {
  readonly methods: readonly AuthMethod[];
  readonly tried: readonly string[];
  readonly skipped: readonly string[];
}

export async function offersOf({ user, identities, agent }: Login): Promise<Offers> {
  const files = await Promise.all(identities.map(async (path) => ({ path, text: await readKey(path) })));
  const offers = files.flatMap(({ path, text }) =>
    text === undefined ? [] : [{ path, key: ssh2.utils.parseKey(text) }],
  );
  const usable = offers.flatMap(({ path, key }) => (key instanceof Error ? [] : [{ path, key }]));
  const locked = offers.filter(({ key }) => key instanceof Error).map(({ path }) => path);
  return {
    methods: [
      ...(agent === undefined ? [] : [{ type: "agent" as const, username: user, agent }]),
      ...usable.map(({ key }) => ({ type: "publickey" as const, username: user, key })),
    ] as readonly AuthMethod[],
    tried: [...(agent === undefined ? [] : [`ssh-agent at ${agent}`]), ...usable.map(({ path }) => path)],
    skipped: locked.map((path) => `${path} wants a passphrase: ssh-add ${path}`),
  };
}

/** A key that may not be read is none. */
async function readKey(path: string): Promise<string | undefined> {
  return readTextOr(path, undefined).catch(() => undefined);
}
