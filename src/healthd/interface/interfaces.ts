/** The interfaces of services: what they are like now, and the words that change them. */
import { networkInterfaces } from "node:os";
import type { Service } from "../config/service.ts";
import type { Seen, Word } from "../machine/event.ts";

export interface Interfaces {
  /** @returns why it failed; nothing if it is done. Renewals are not waited for. */
  act(word: Word, service: Service, cover: boolean): Promise<string | undefined>;
  look(service: Service): { readonly seen: Seen; readonly cover: Seen };
  /** Services may have other interfaces from now on. @returns why it failed */
  reload(): Promise<string | undefined>;
}

/** What addresses interfaces have, by Node's word: only those that are up and running are in it, and nothing is started. */
export type Addresses = Readonly<
  Record<string, readonly { readonly family: string; readonly cidr: string | null }[] | undefined>
>;

/** As seen by the kernel. */
export function lookAtKernel(service: Service): { readonly seen: Seen; readonly cover: Seen } {
  return lookAt(service, networkInterfaces());
}

export function lookAt({ interface: name, prefixes, cover }: Service, all: Addresses) {
  return {
    seen: judge(prefixes, all[name]),
    cover: cover === undefined ? ("gone" as const) : judge([cover.prefix], all[cover.interface]),
  };
}

/** IPv6 does not count: the kernel gives every interface a link-local address. */
function judge(prefixes: readonly string[], addresses: Addresses[string] = []): Seen {
  const found = addresses.filter(({ family }) => family === "IPv4").map(({ cidr }) => cidr ?? "");
  if (found.some((cidr) => !prefixes.includes(cidr))) return "foreign";
  return prefixes.every((prefix) => found.includes(prefix)) ? "live" : "gone";
}

/** For `--dry-run`: nothing is changed, and what was told counts as done. */
export function pretendInterfaces(say: (words: string) => void): Interfaces {
  const live = new Set<string>();
  return {
    act: async (word, { name }, cover) => {
      const subject = cover ? `${name} cover` : name;
      if (word === "up") live.add(subject);
      else if (word !== "renew") live.delete(subject);
      say(`${word} ${subject}`);
      return undefined;
    },
    look: ({ name }) => ({
      seen: live.has(name) ? "live" : "gone",
      cover: live.has(`${name} cover`) ? "live" : "gone",
    }),
    reload: async () => undefined,
  };
}
