/** One JSON object a line. Whoever reads the log may stop reading: that must never hold a check up. */
import { write } from "node:fs";

export type Entry = Readonly<Record<string, unknown>> & { readonly event: string };
export type Log = (entry: Entry) => void;

/** What waits to be written; what comes beyond is counted and dropped. */
const mostWaiting = 1000;

/** @param descriptor an open file or pipe, written by a thread of Node's that may block */
export function openLog(descriptor: number): Log {
  const waiting: string[] = [];
  let busy = false;
  let dropped = 0;
  const writeNext = (): void => {
    const text = waiting.splice(0).join("");
    busy = text !== "";
    if (busy) write(descriptor, text, writeNext);
  };
  return (entry) => {
    if (waiting.length >= mostWaiting) {
      dropped += 1;
      return;
    }
    const missed = dropped === 0 ? {} : { dropped };
    dropped = 0;
    waiting.push(`${JSON.stringify({ time: new Date().toISOString(), ...entry, ...missed })}\n`);
    if (!busy) writeNext();
  };
}
