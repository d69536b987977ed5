/** A hypervisor that is another machine, over one SSH connection: commands, files, and ways to what lies behind it. */
import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import type { Clock } from "../../system/clock.ts";
import type { RunOptions, RunResult } from "../../system/exec.ts";
import { quoteForShell } from "../quote.ts";
import { shareChannels } from "./channels.ts";
import { remoteCommands } from "./commands.ts";
import type { DialOptions } from "./dial.ts";
import { remoteFiles } from "./files.ts";
import { openLink } from "./link.ts";
import { sshWords } from "./login.ts";
import { remoteLooks } from "./looks.ts";
import { findPrivilege, type Privilege } from "./privilege.ts";
import { describePrivilege, type Finding } from "./probe.ts";
import { putFile } from "./put.ts";
import { remoteStreams } from "./streams.ts";

export interface RemoteHostOptions extends DialOptions {
  readonly clock: Clock;
  /** Names the place of this lab's commands there. */
  readonly owner: string;
  /** OpenSSH's socket for its own, shared connection to the hypervisor; none is shared if absent. */
  readonly socket?: string | undefined;
  /** Hears that the connection was lost, and that it is there again. */
  readonly onNews: (news: string) => void;
  /** Stands before absolute paths that the host fixes, such as `/dev/vmm`; empty but in tests. */
  readonly root?: string;
}

/** What a driver takes for its host, and more. */
export interface RemoteHost {
  /** As in the URL. */
  readonly name: string;
  /** Asks, which may be repeated over a new connection; with `once` or an input it is an act, done exactly once. */
  run(argv: readonly string[], options?: RunOptions & { readonly once?: true }): Promise<RunResult>;
  read(path: string): Promise<string | undefined>;
  exists(path: string): Promise<boolean>;
  list(path: string): Promise<readonly string[]>;
  /** Brings a file there, going on where a lost connection or a former attempt has ended. */
  put(from: string, to: string, onProgress?: (fraction: number) => void): Promise<void>;
  duplex(argv: readonly string[]): Duplex;
  /** Whether it answers, and as whom commands run. */
  probe(): Promise<readonly Finding[]>;
  /** Removes what it has put there for itself. */
  tidy(): Promise<void>;
  readonly behind: {
    /** A stream to a port of an address that it reaches. */
    openStream(address: string, port: number): Duplex;
    /** OpenSSH's ProxyCommand to `%h` and `%p` behind it. */
    readonly proxy: readonly string[];
    /** Hands the terminal over to a command there. */
    interact(argv: readonly string[]): Promise<readonly string[]>;
  };
  close(): void;
}

export function remoteHost(options: RemoteHostOptions): RemoteHost {
  const { clock, owner, root = "", url, config, socket } = options;
  const link = openLink(options);
  const channels = shareChannels(clock);
  let found: Promise<Privilege> | undefined;
  // Of the login, so another connection does not change it; only a connection that was lost leaves it open.
  const privilege = (client: Client) => {
    const asking = (found ??= findPrivilege(client));
    asking.catch(() => (found = undefined));
    return asking;
  };
  const files = remoteFiles(link.name);
  const commands = remoteCommands({ link, files, channels, privilege, place: `.lab/${placeName(owner)}` });
  const looks = remoteLooks({ link, channels, privilege });
  const streams = remoteStreams({ link, channels, privilege });
  const at = (path: string) => (/^\/(dev|usr)\//.test(path) ? `${root}${path}` : path);
  const shared = socket === undefined || socket.includes("%") ? [] : shareBy(socket);
  const run: RemoteHost["run"] = (argv, given = {}) =>
    given.once === true || given.input !== undefined ? commands.act(argv, given) : commands.ask(argv, given);
  return {
    name: link.name,
    run,
    read: (path) => looks.read(at(path)),
    exists: (path) => looks.exists(at(path)),
    list: (path) => looks.list(at(path)),
    put: (from, to, onProgress) => putFile({ link, channels, privilege, run }, from, to, onProgress),
    duplex: (argv) => streams.toCommand(argv),
    probe: async () => describePrivilege(link.name, await channels.looks(() => link.withClient(privilege))),
    tidy: () => commands.tidy(),
    behind: {
      openStream: (address, port) => streams.toAddress(address, port),
      proxy: ["ssh", "-o", "BatchMode=yes", ...shared, "-W", "[%h]:%p", ...literally(sshWords(url, config))],
      async interact(argv) {
        const { words } = await link.withClient(privilege);
        return ["ssh", "-t", ...shared, ...sshWords(url, config), quoteForShell([...words, ...argv])];
      },
    },
    close: () => link.close(),
  };
}

/** OpenSSH's own connection is a second one; Ansible, people and their ProxyCommands share it. */
function shareBy(socket: string): readonly string[] {
  return ["-o", "ControlMaster=auto", "-o", `ControlPath=${socket}`, "-o", "ControlPersist=60"];
}

/** In a ProxyCommand OpenSSH puts its own words in place of `%`. */
function literally(words: readonly string[]): readonly string[] {
  return words.map((word) => word.replaceAll("%", "%%"));
}

/** Owners are names of labs with a hash; whatever else somebody makes of them stays one name of a directory. */
function placeName(owner: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(owner)) return owner;
  return createHash("sha256").update(owner).digest("hex").slice(0, 16);
}
