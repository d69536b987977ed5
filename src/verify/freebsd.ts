/**
 * FreeBSD has other commands for the same questions: their words, and what they print in the words of Linux, which the
 * judges read. A question that has no entry is the same on both.
 */
import type { Reply } from "./model.ts";
import { connectionsFromNetstat, linksFromIfconfig, routesFromNetstat } from "./read-freebsd.ts";

/** How a node is asked, and what its reply means. */
export interface Spoken {
  readonly argv: readonly string[];
  read(reply: Reply): Reply;
}

/** The question in the words of the system that is asked. */
export function speak(argv: readonly string[], isFreeBsd: boolean): Spoken {
  return isFreeBsd ? inFreeBsd(argv) : { argv, read: (reply) => reply };
}

/** The question in FreeBSD's words. */
export function inFreeBsd(argv: readonly string[]): Spoken {
  const [program = "", ...words] = argv;
  const translate = translations[program];
  return translate?.(words) ?? { argv, read: (reply) => reply };
}

const translations: Readonly<Record<string, (words: readonly string[]) => Spoken | undefined>> = {
  ip: (words) =>
    words.includes("address")
      ? { argv: ["ifconfig", "-a"], read: asJson(linksFromIfconfig) }
      : { argv: ["netstat", "-rn", "-f", "inet"], read: asJson(routesFromNetstat) },
  ss: (words) => ({
    argv: ["netstat", "-n", "-a", "-f", "inet", "-p", "tcp"],
    read: (reply) => ({ ...reply, stdout: connectionsFromNetstat(reply.stdout, words.at(-1) ?? "") }),
  }),
  // `net.inet.ip.forwarding: 0`
  sysctl: (words) => ({
    argv: ["sysctl", ...words],
    read: (reply) => ({ ...reply, stdout: reply.stdout.replaceAll(/^([\w.]+): /gm, "$1 = ") }),
  }),
  sha256sum: (words) => ({ argv: ["sha256", "-r", ...words], read: (reply) => reply }),
  ping: (words) => ({ argv: ["ping", ...pingWords(words)], read: (reply) => reply }),
  // Nothing of the base system but this speaks HTTP; it fails unless the status is 200.
  curl: (words) => ({
    argv: ["fetch", "-q", "-T", "3", "-o", "-", words.at(-1) ?? ""],
    read: (reply) => (reply.exitCode === 0 ? { ...reply, stdout: `${reply.stdout}\n200` } : reply),
  }),
};

function asJson(read: (text: string) => unknown): (reply: Reply) => Reply {
  return (reply) => (reply.exitCode === 0 ? { ...reply, stdout: JSON.stringify(read(reply.stdout)) } : reply);
}

/** Packets that may not be split are `-D`, and a reply is waited for in milliseconds. */
function pingWords(words: readonly string[]): readonly string[] {
  return words.flatMap((word, index) => {
    if (word === "-M") return ["-D"];
    if (words[index - 1] === "-M") return [];
    return words[index - 1] === "-W" ? [String(Number(word) * 1000)] : [word];
  });
}
