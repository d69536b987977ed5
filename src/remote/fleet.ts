/** The nodes of a lab over SSH: one connection each, made when first needed and shared by everything that follows. */
import type { Duplex } from "node:stream";
import type { Node, Plan } from "../plan/model.ts";
import type { Clock } from "../system/clock.ts";
import type { KeyPair } from "./keys.ts";
import { lateDuplex } from "./late.ts";
import { connect, type RemoteOptions, type RemoteResult, type Session } from "./ssh.ts";

export interface FleetOptions {
  readonly plan: Plan;
  readonly identity: KeyPair;
  /** Host key of each node by name. */
  readonly hostKeys: ReadonlyMap<string, KeyPair>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A stream to the node's SSH port; undefined where TCP reaches it. */
  readonly openStream: (node: Node) => (() => Duplex) | undefined;
  /** The node through which another one is reached; undefined where there is another way. */
  readonly jump?: (node: Node) => string | undefined;
  /** Runs a command as the client that is the hypervisor itself. */
  readonly runOnHost: (argv: readonly string[], options: RemoteOptions) => Promise<RemoteResult>;
}

export interface Fleet {
  /** The connection to a node; waits for a booting one. */
  session(node: string, timeoutMs?: number): Promise<Session>;
  /** Runs a command on a node, the hypervisor included, whatever its exit code. */
  try(node: string, argv: readonly string[], options?: RemoteOptions & ConnectLimit): Promise<RemoteResult>;
  /** Runs commands on a node one after the other in one round trip; they share the deadline. */
  batch(
    node: string,
    commands: readonly (readonly string[])[],
    options?: RemoteOptions & ConnectLimit,
  ): Promise<RemoteResult[]>;
  /** Whether the node's commands are FreeBSD's. */
  isFreeBsd(node: string): boolean;
  close(): void;
}

export interface ConnectLimit {
  /** How long a node that does not answer is waited for. */
  readonly connectMs?: number;
}

/** A namespace boots at once. A machine may grow its disk and make keys first, and FreeBSD waits for DHCP on each port. */
const bootTimeoutsMs = { netns: 60_000, "vm-bhyve": 600_000 };

export function openFleet(options: FleetOptions): Fleet {
  const nodes = new Map(options.plan.nodes.map((node) => [node.name, node]));
  const sessions = new Map<string, Promise<Session>>();
  const bootTimeoutMs = bootTimeoutsMs[options.plan.hypervisor];

  const forget = (name: string, opening: Promise<Session>) => {
    // Another's failure may have made a new one already.
    if (sessions.get(name) === opening) sessions.delete(name);
  };
  const session = async (name: string, timeoutMs = bootTimeoutMs): Promise<Session> => {
    const known = sessions.get(name);
    if (known !== undefined) {
      const open = await known;
      if (open.isOpen()) return open;
      forget(name, known);
      return session(name, timeoutMs);
    }
    const opening = openSession({ options, nodes, session }, name, timeoutMs);
    sessions.set(name, opening);
    // A failed attempt is not remembered: the node may answer next time.
    opening.catch(() => forget(name, opening));
    return opening;
  };
  return {
    session,
    async try(name, argv, settings = {}) {
      if (nodes.get(name)?.reach.via === "local") return options.runOnHost(argv, settings);
      return (await session(name, settings.connectMs)).try(argv, settings);
    },
    async batch(name, commands, settings = {}) {
      if (nodes.get(name)?.reach.via === "local") {
        return Promise.all(commands.map((argv) => options.runOnHost(argv, settings)));
      }
      return (await session(name, settings.connectMs)).batch(commands, settings);
    },
    isFreeBsd(name) {
      const os = nodes.get(name)?.guest.os;
      return os === "freebsd" || (os === "host" && options.plan.hypervisor === "vm-bhyve");
    },
    close() {
      for (const open of sessions.values()) {
        open.then(
          (one) => one.close(),
          () => undefined,
        );
      }
      sessions.clear();
    },
  };
}

interface Ways {
  readonly options: FleetOptions;
  readonly nodes: ReadonlyMap<string, Node>;
  /** To another node, which may be on the way. */
  readonly session: (node: string, timeoutMs: number) => Promise<Session>;
}

function openSession({ options, nodes, session }: Ways, name: string, timeoutMs: number): Promise<Session> {
  const node = nodes.get(name);
  const hostKey = options.hostKeys.get(name);
  if (node === undefined || hostKey === undefined) throw new TypeError(`${name} is not a node that SSH can reach`);
  const jump = options.jump?.(node);
  const openStream =
    jump === undefined
      ? options.openStream(node)
      : () => lateDuplex(session(jump, timeoutMs).then((through) => through.forward(node.reach.address, 22)));
  const target = {
    node: name,
    user: node.guest.login,
    host: node.reach.address,
    privateKey: options.identity.private,
    hostKey: hostKey.public,
    ...(openStream === undefined ? {} : { openStream }),
  };
  const mayHaveOldKey = options.plan.hypervisor === "vm-bhyve";
  return connect(target, { clock: options.clock, timeoutMs, mayHaveOldKey, signal: options.signal });
}
