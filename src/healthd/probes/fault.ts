/** Whose fault an error is, and how it is said. */
import type { Outcome } from "../machine/event.ts";

/** The service's, with words of our own. */
export class Failure extends Error {}

/** healthd, its host or its configuration lacks something: no descriptors, ports, memory, processes, files or rights. */
const ownFaults: ReadonlySet<string> = new Set([
  "EMFILE",
  "ENFILE",
  "ENOBUFS",
  "ENOMEM",
  "EAGAIN",
  "ENOSPC",
  "EADDRNOTAVAIL",
  "EADDRINUSE",
  "EACCES",
  "EPERM",
  "ENOENT",
  "E2BIG",
]);

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection was reset",
  EPIPE: "the connection was closed",
  EHOSTUNREACH: "there is no way there",
  ENETUNREACH: "there is no way there",
};

export function outcomeOf(error: unknown): Outcome {
  if (error instanceof Failure) return { result: "fail", reason: printable(error.message) };
  const { code = "", message } = error as NodeJS.ErrnoException;
  const reason = printable(words[code] ?? message);
  return { result: ownFaults.has(code) ? "unknown" : "fail", reason };
}

/** What a service said, fit for a log and a terminal: short, and without control characters. */
export function printable(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}
