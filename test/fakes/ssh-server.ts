import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { connect as connectTo, createServer, type Socket } from "node:net";
import { dirname, join } from "node:path";
import type { Duplex } from "node:stream";
import ssh2, { type AuthContext, type Connection, type SFTPWrapper } from "ssh2";
import { afterEach } from "vitest";
import { makeKeyPair } from "../../src/remote/keys.ts";
import { connect, type Session, type SshTarget } from "../../src/remote/ssh.ts";
import { fakeClock } from "./clock.ts";
import { makePlace } from "./place.ts";
import { serveFiles } from "./sftp-server.ts";
import { type Ending, endChannel, runInShell } from "./shell.ts";

export interface FakeNodeOptions {
  readonly name?: string;
  /** What a command does; one that the script does not know runs in a real shell. */
  readonly script?: (command: string) => Ending | "hangs" | undefined;
  /** Hears of each change to a file before it is made; may throw to refuse it. */
  readonly onChange?: (what: string) => void;
  /** Of its shells. */
  readonly env?: Readonly<Record<string, string>>;
  /** Commands go on when the connection is gone, as under a real sshd. */
  readonly lasting?: boolean;
  /** What is reached from there; TCP if absent. */
  readonly onForward?: (address: string, port: number) => Duplex;
  /** Sessions on one connection; more are refused. */
  readonly mostSessions?: number;
}

/** A node in this process: ssh2's own server, a real shell, and files below a directory that stands for `/`. */
export interface FakeNode {
  readonly target: Omit<SshTarget, "openStream"> & { readonly openStream: () => Socket };
  /** Each login that was tried, e.g. `root publickey`. */
  readonly logins: string[];
  readonly connections: number;
  /** Addresses that connections were forwarded to. */
  readonly forwarded: string[];
  /** Command lines as they came. */
  readonly commands: string[];
  /** What SFTP changed, in order. */
  readonly changes: string[];
  /** Makes a program for the node's shell; in it, `$ROOT` stands for `/`. */
  program(name: string, script: string): void;
  write(path: string, text: string, mode?: number): void;
  read(path: string): string;
  /** Where a file of it is on this machine. */
  path(path: string): string;
  /** Names in a directory. */
  list(path: string): string[];
  modeOf(path: string): number;
  /** The most sessions that there were on one connection. */
  most(): number;
  /** Breaks every connection, as a crash does. */
  cut(): void;
  /** Reads nothing any more, as behind a cable that is unplugged. */
  freeze(): void;
  /** Ends SFTP alone. */
  endSftp(): void;
}

/** Every fake node has the same keys: making them takes longer than a handshake. */
export const hostKey = makeKeyPair();
export const identity = makeKeyPair();

const cleanUps: (() => void)[] = [];

afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

export function fakeNode(options: FakeNodeOptions = {}): FakeNode {
  const { name = "leaf01", script, onChange, mostSessions = Infinity } = options;
  const place = makePlace();
  const root = join(place, "root");
  const door = join(place, "ssh");
  mkdirSync(join(root, "bin"), { recursive: true });
  const sockets = new Set<Socket>();
  const channels = new Set<SFTPWrapper>();
  const seen = { logins: [] as string[], commands: [] as string[], changes: [] as string[], connections: 0 };
  const more = { forwarded: [] as string[], mostSessions: 0 };
  const change = (what: string) => {
    onChange?.(what);
    seen.changes.push(what);
  };
  const serve = (connection: Connection) => {
    seen.connections += 1;
    connection.on("error", () => undefined);
    connection.on("authentication", (attempt) => {
      seen.logins.push(`${attempt.username} ${attempt.method}`);
      judge(attempt);
    });
    let sessions = 0;
    connection.on("tcpip", (accept, refuse, { destIP, destPort }) => {
      more.forwarded.push(`${destIP}:${destPort}`);
      const stream: Duplex = options.onForward?.(destIP, destPort) ?? connectTo({ host: destIP, port: destPort });
      stream.once("error", () => refuse());
      stream.once("connect", () => {
        const channel = accept();
        channel.on("error", () => undefined);
        stream.pipe(channel).pipe(stream);
      });
    });
    connection.on("session", (accept, refuse) => {
      sessions += 1;
      more.mostSessions = Math.max(more.mostSessions, sessions);
      if (sessions > mostSessions) {
        sessions -= 1;
        refuse();
        return;
      }
      const session = accept();
      session.once("close", () => (sessions -= 1));
      session.on("sftp", (open) => {
        const sftp = open();
        channels.add(sftp);
        serveFiles(sftp, { root, onChange: change });
      });
      session.on("exec", (open, _refuse, { command }) => {
        seen.commands.push(command);
        const ending = script?.(command);
        if (ending === undefined) cleanUps.push(runInShell(open(), command, { root, ...options }));
        else if (ending === "hangs") open();
        else endChannel(open(), ending);
      });
    });
  };
  const ssh = new ssh2.Server({ hostKeys: [hostKey.private] }, serve);
  const server = createServer((socket) => {
    sockets.add(socket);
    ssh.injectSocket(socket);
  }).listen(door);
  const cut = () => sockets.forEach((socket) => socket.destroy());
  cleanUps.push(cut, () => server.close());
  const access = { user: "root", privateKey: identity.private, hostKey: hostKey.public };
  const write = (path: string, text: string, mode = 0o644) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    chmodSync(join(root, path), mode);
  };
  return Object.assign(seen, {
    forwarded: more.forwarded,
    most: () => more.mostSessions,
    target: { node: name, host: "192.0.2.1", ...access, openStream: () => connectTo(door) },
    program: (file: string, text: string) => write(`/bin/${file}`, `#!/bin/sh\n${text}\n`, 0o755),
    write,
    read: (path: string) => readFileSync(join(root, path), "utf8"),
    path: (path: string) => join(root, path),
    list: (path: string) => readdirSync(join(root, path)).toSorted(),
    modeOf: (path: string) => statSync(join(root, path)).mode & 0o7777,
    cut,
    freeze: () => sockets.forEach((socket) => socket.pause()),
    endSftp: () => channels.forEach((channel) => channel.end()),
  });
}

/** A connection to it. */
export function login(node: FakeNode): Promise<Session> {
  return connect(node.target, { clock: fakeClock(), timeoutMs: 60_000 });
}

/** Lets in root with the one key, like a guest. */
function judge(attempt: AuthContext): void {
  const key = ssh2.utils.parseKey(identity.public);
  if (attempt.method !== "publickey" || attempt.username !== "root" || key instanceof Error) {
    attempt.reject(["publickey"]);
    return;
  }
  const { blob, signature, hashAlgo } = attempt;
  const known = attempt.key.data.equals(key.getPublicSSH());
  const signed = signature === undefined || (blob !== undefined && key.verify(blob, signature, hashAlgo) === true);
  if (known && signed) attempt.accept();
  else attempt.reject(["publickey"]);
}
