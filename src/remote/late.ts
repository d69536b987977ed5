/** A stream that is there before what it leads to: a channel that has yet to be opened. */
import { Duplex } from "node:stream";
import { callbackify } from "node:util";

/** What is written waits; the stream fails if the other never comes, and ends with it. */
export function lateDuplex(opening: Promise<Duplex>): Duplex {
  let inner: Duplex | undefined;
  const follow = (opened: Duplex) => {
    let ended = false;
    inner = opened;
    opened.on("data", (chunk: Uint8Array) => {
      if (!stream.push(chunk)) opened.pause();
    });
    opened.once("end", () => {
      ended = true;
      stream.push(null);
    });
    // What has arrived is still to be read.
    opened.once("close", () => !ended && stream.destroy());
    opened.on("error", (error) => stream.destroy(error));
  };
  const opened = opening.then(follow);
  const stream: Duplex = new Duplex({
    allowHalfOpen: false,
    construct: callbackify(() => opened),
    read: () => void inner?.resume(),
    write(chunk: Uint8Array, _encoding, done) {
      inner?.write(chunk, done);
    },
    final(done) {
      inner?.end(done);
    },
    destroy(error, done) {
      inner?.destroy();
      done(error);
    },
  });
  return stream;
}
