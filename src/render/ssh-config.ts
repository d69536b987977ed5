/** One OpenSSH client configuration for all nodes of a lab: for people, for ssh2's settings and for Ansible. */
import type { Node, Plan } from "../plan/model.ts";
import { line, textOf } from "./line.ts";

/** Paths on this machine, and the way to nodes that TCP does not reach. */
export interface SshOptions {
  /** File with the pinned host keys, by node name. */
  readonly knownHosts: string;
  /** Private key of the lab. */
  readonly identity: string;
  /**
   * Folder for the sockets of shared connections; none are shared if absent. The kernel limits a socket's path to about
   * 100 characters, of which OpenSSH takes 58, so a caller with a longer folder leaves it out.
   */
  readonly controlDirectory?: string;
  /** A shell command that carries the connection, with OpenSSH's tokens (`%h`, `%p`); undefined where TCP reaches. */
  readonly proxyCommand: (node: Node) => string | undefined;
  /** The node of this file through which the connection goes; undefined where there is another way. */
  readonly proxyJump?: (node: Node) => string | undefined;
}

/** Seconds that a shared connection outlives its last user. */
const persistS = 60;

/** A block for each node that is not the hypervisor itself, then what they share. */
export function renderSshConfig(plan: Plan, options: SshOptions): string {
  const nodes = plan.nodes.filter(({ reach }) => reach.via !== "local");
  return textOf([...nodes.flatMap((node) => [...hostBlock(node, options), ""]), ...commonBlock(nodes, options)]);
}

function hostBlock(node: Node, options: SshOptions): readonly string[] {
  const jump = options.proxyJump?.(node);
  const proxy = jump === undefined ? options.proxyCommand(node) : undefined;
  return [
    line`Host ${node.name}`,
    line`    HostName ${node.reach.address}`,
    // Keys are pinned by name: servers get their addresses by DHCP, and two labs may use the same ones.
    line`    HostKeyAlias ${node.name}`,
    line`    User ${node.guest.login}`,
    ...(jump === undefined ? [] : [line`    ProxyJump ${jump}`]),
    ...(proxy === undefined ? [] : [`    ProxyCommand ${proxy}`]),
  ];
}

function commonBlock(nodes: readonly Node[], options: SshOptions): readonly string[] {
  return [
    line`Host ${nodes.map(({ name }) => name)}`,
    `    IdentityFile ${quotePath(options.identity)}`,
    "    IdentitiesOnly yes",
    `    UserKnownHostsFile ${quotePath(options.knownHosts)}`,
    "    GlobalKnownHostsFile /dev/null",
    "    StrictHostKeyChecking yes",
    "    LogLevel ERROR",
    "    ConnectTimeout 10",
    "    ServerAliveInterval 5",
    "    ServerAliveCountMax 3",
    ...(options.controlDirectory === undefined ? [] : sharing(options.controlDirectory)),
  ];
}

function sharing(directory: string): readonly string[] {
  return ["    ControlMaster auto", `    ControlPath ${quotePath(directory, "/%C")}`, `    ControlPersist ${persistS}`];
}

/** OpenSSH expands `%` in these paths, splits at blanks outside quotes and takes a backslash inside them. */
function quotePath(path: string, tokens = ""): string {
  const literal = path.replaceAll("%", "%%").replace(/[\\"]/g, "\\$&");
  return `"${literal}${tokens}"`;
}
