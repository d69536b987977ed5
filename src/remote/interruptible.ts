/**
 * Commands on a node that end when they are told to. sshd passes no signal on to a session of root (OpenSSH 9, session.c:
 * "session signalling requires privilege separation"), so such a command says its process group first, and the group gets
 * the signal from a second command over the same connection.
 */
import type { Client } from "ssh2";

/** How long a command that was told to end may take for it, where nothing else is said. */
const usualGraceMs = 2000;

const retryMs = 20;

/** sshd makes the shell that runs the line the leader of a session of its own. */
export function announcing(line: string): string {
  return `echo "$$" >&2; ${line}`;
}

/** The announced group, once its line is complete, and standard error without it. */
export function readAnnounced(stderr: string): { readonly group: number | undefined; readonly rest: string } {
  const [, group, rest] = /^(\d+)\n([^]*)$/.exec(stderr) ?? [];
  return { group: group === undefined ? undefined : Number(group), rest: rest ?? stderr };
}

export interface Interruptible {
  readonly client: Client;
  readonly signal: AbortSignal;
  readonly graceMs?: number | undefined;
  /** Standard error so far. */
  readonly stderr: () => string;
  /** The command did not end in time. */
  readonly giveUp: () => void;
}

/** Interrupts the command with the signal; the result forgets it. Whether it ends, its channel says. */
export function interruptWith({ client, signal, graceMs = usualGraceMs, stderr, giveUp }: Interruptible): () => void {
  let timer: NodeJS.Timeout | undefined;
  let retry: NodeJS.Timeout | undefined;
  const interrupt = () => {
    timer = setTimeout(giveUp, graceMs);
    tell();
  };
  const tell = () => {
    const { group } = readAnnounced(stderr());
    if (group === undefined) {
      // It has not begun, or its other stream was quicker.
      retry = setTimeout(tell, retryMs);
      return;
    }
    try {
      client.exec(`kill -INT -${group}`, (_error, channel?) => channel?.resume().end());
    } catch {
      // The connection is gone, and the command with it.
      giveUp();
    }
  };
  if (signal.aborted) interrupt();
  else signal.addEventListener("abort", interrupt, { once: true });
  return () => {
    clearTimeout(timer);
    clearTimeout(retry);
    signal.removeEventListener("abort", interrupt);
  };
}
