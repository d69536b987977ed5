/** A process as a stream: what a ProxyCommand is to ssh(1). */
import { spawn } from "node:child_process";
import { Duplex } from "node:stream";
import { endWithUs, signalGroup } from "./group.ts";
import { postGuard } from "./guard.ts";

/** The process's stdin and stdout. It is killed with the stream, and the stream ends with it. */
export function openDuplex(argv: readonly string[]): Duplex {
  const [file = "", ...args] = argv;
  postGuard();
  // A group of its own, so that a Ctrl-C of the terminal does not cut connections that the clean-up still needs.
  const child = spawn(file, args, { detached: true, stdio: ["pipe", "pipe", "ignore"] });
  child.once("exit", endWithUs(child.pid));
  const { stdin, stdout } = child;
  const stream = new Duplex({
    allowHalfOpen: false,
    read: () => stdout.resume(),
    write: (chunk: Uint8Array, _encoding, done) => stdin.write(chunk, done),
    final: (done) => stdin.end(done),
    destroy(error, done) {
      // Rather than wait for its own end, which may never come.
      signalGroup(child.pid, "SIGKILL");
      stdin.destroy();
      stdout.destroy();
      done(error);
    },
  });
  stdout.on("data", (chunk: Uint8Array) => {
    if (!stream.push(chunk)) stdout.pause();
  });
  stdout.once("end", () => stream.push(null));
  const fail = (error: Error) => stream.destroy(error);
  for (const source of [child, stdin, stdout]) source.on("error", fail);
  return stream;
}
