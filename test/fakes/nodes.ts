import { Duplex } from "node:stream";
import { NodeError } from "../../src/errors.ts";
import type { Fleet } from "../../src/remote/fleet.ts";

/** Nodes that answer every command with nothing; those in `silent` do not answer. */
export function fakeFleet(silent: readonly string[] = []): Fleet {
  const ask = (node: string, argv: readonly string[]) => {
    if (silent.includes(node)) throw new NodeError(node, { code: "E_UNREACHABLE", message: "no SSH answer" });
    return { argv, exitCode: 0, stdout: "", stderr: "" };
  };
  return {
    session: () => Promise.reject(new Error("no sessions here")),
    try: async (node, argv) => ask(node, argv),
    isFreeBsd: () => false,
    batch: async (node, commands) => commands.map((argv) => ask(node, argv)),
    close: () => undefined,
  };
}

/** The stream to a node where nobody is: it ends at once. */
export function deadStream(): Duplex {
  const stream: Duplex = new Duplex({ read: () => void stream.push(null), write: (_chunk, _encoding, done) => done() });
  return stream;
}
