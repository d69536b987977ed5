/** Bridges and taps as ifconfig(8) shows them. A tap's description is the only map from it to a guest and its switch. */
import type { Host, VmHost } from "./host.ts";
import { lookupOf } from "./place.ts";
import { tagGroup } from "./tags.ts";

export interface InterfaceSeen {
  readonly name: string;
  readonly description: string;
  readonly groups: readonly string[];
  readonly members: readonly string[];
  /** IPv4, with prefix length. */
  readonly addresses: readonly string[];
}

/** All interfaces, or those of a group, e.g. `vm-switch` or `vm-port`. */
export async function listInterfaces(host: Host, group?: string): Promise<readonly InterfaceSeen[]> {
  const argv = ["ifconfig", "-a", ...(group === undefined ? [] : ["-g", group])];
  // A group without members is no error worth telling from none.
  const { stdout } = await host.run(argv, { timeoutMs: 10_000 });
  return parseInterfaces(stdout);
}

export function parseInterfaces(text: string): InterfaceSeen[] {
  return text
    .split(/\n(?=\S)/)
    .filter((block) => /^\S+: /.test(block))
    .map((block) => ({
      name: block.slice(0, block.indexOf(":")),
      description: /^\s+description: (.*)$/m.exec(block)?.[1] ?? "",
      groups: (/^\s+groups: (.*)$/m.exec(block)?.[1] ?? "").split(" ").filter(Boolean),
      members: [...block.matchAll(/^\s+member: (\S+)/gm)].map((match) => match[1] ?? ""),
      addresses: [...block.matchAll(/^\s+inet ([\d.]+) .*netmask 0x([0-9a-f]{8})/gm)].map(
        ([, address = "", mask = ""]) => `${address}/${lengthOf(mask)}`,
      ),
    }));
}

/** ffffff00 → 24. */
function lengthOf(mask: string): number {
  return [...Number.parseInt(mask, 16).toString(2)].filter((bit) => bit === "1").length;
}

/** What a description `vmnet/GUEST/N/SWITCH` says. */
export function tapOwner({
  description,
}: InterfaceSeen): { readonly guest: string; readonly switch: string } | undefined {
  const [, guest, on] = /^vmnet\/([^/]+)\/\d+\/(.+)$/.exec(description) ?? [];
  return guest === undefined || on === undefined ? undefined : { guest, switch: on };
}

/** The bridge of a switch, found as `vm` does: by its tag alone. */
export async function findBridge(host: Host, name: string): Promise<string | undefined> {
  const { stdout, exitCode } = await host.run(["ifconfig", "-g", tagGroup(name)], { timeoutMs: 10_000 });
  const found = stdout.trim().split("\n")[0] ?? "";
  return exitCode !== 0 || found === "" ? undefined : found;
}

/** The argv lists that one with words to look up becomes: one for each tap, none where there is nothing to act on. */
export async function lookUpWords(host: VmHost, argv: readonly string[]): Promise<readonly (readonly string[])[]> {
  let lists: readonly (readonly string[])[] = [[]];
  for (const word of argv) {
    const values = await valuesOf(host, word);
    lists = lists.flatMap((list) => values.map((value) => list.concat(value)));
  }
  return lists;
}

async function valuesOf(host: VmHost, word: string): Promise<readonly string[]> {
  const lookup = lookupOf(word);
  if (lookup === undefined) return [word];
  if (lookup.kind === "dataset") return host.dataset === undefined ? [] : [host.resolve(word)];
  if (lookup.kind === "bridge") {
    const bridge = await findBridge(host, lookup.switch);
    return bridge === undefined ? [] : [bridge];
  }
  if (lookup.kind === "supervisor") return findSupervisors(host, lookup.guest);
  const taps = await listInterfaces(host, "vm-port");
  return taps
    .filter((tap) => {
      const owner = tapOwner(tap);
      return owner?.guest === lookup.guest && (lookup.switch === undefined || owner.switch === lookup.switch);
    })
    .map(({ name }) => name);
}

/** `vm start` leaves `vm _run GUEST` in the background. */
async function findSupervisors(host: Host, guest: string): Promise<readonly string[]> {
  const { stdout } = await host.run(["pgrep", "-f", `vm _run ${guest}( |$)`], { timeoutMs: 10_000 });
  return stdout.split("\n").filter(Boolean);
}
