/** What is on the host, read from files and interfaces: `vm`'s own lists are slow and its exit codes say nothing. */
import { type Owner, ownerKey, parseConf, wordsOf } from "./conf.ts";
import type { VmHost } from "./host.ts";
import { placeOf, recordOf, systemConf, vmDir } from "./place.ts";
import { stemOf } from "./tags.ts";

export interface GuestSeen {
  readonly name: string;
  /** The mark in its conf; undefined for what is not of any lab. */
  readonly owner: string | undefined;
  readonly memoryMiB: number;
  /** A supervisor and a vmm: it runs, as far as the host can tell. */
  readonly running: boolean;
}

export interface SwitchSeen {
  readonly name: string;
  readonly listed: boolean;
  readonly type: string | undefined;
  /** Its VLAN sub-interfaces, which have tags as well. */
  readonly ports: readonly string[];
}

export interface Inventory {
  readonly guests: readonly GuestSeen[];
  /** Directories without a conf. */
  readonly strays: readonly string[];
  readonly switches: readonly SwitchSeen[];
  /** What the lab has claimed. */
  readonly record: { readonly switches: readonly string[]; readonly guests: readonly string[] } | undefined;
}

export async function takeInventory(host: VmHost, owner: Owner): Promise<Inventory> {
  const [system, record] = await Promise.all([host.read(systemConf), host.read(recordOf(owner))]);
  const settings = parseConf(system ?? "");
  const directories = [vmDir, ...datastores(settings)];
  const names = (await Promise.all(directories.map((directory) => entriesOf(host, directory)))).flat();
  const guests = await Promise.all(names.map((entry) => lookAtGuest(host, entry)));
  const claimed = record === undefined ? undefined : parseConf(record);
  return {
    guests: guests.filter((guest) => guest !== undefined),
    strays: names.filter((_, index) => guests[index] === undefined).map(({ name }) => name),
    switches: switchesOf(settings),
    record: claimed && { switches: wordsOf(claimed.get("switches")), guests: wordsOf(claimed.get("guests")) },
  };
}

/** Other datastores: a guest's name is looked up in them as well. */
function datastores(settings: ReadonlyMap<string, string>): string[] {
  return wordsOf(settings.get("datastore_list")).flatMap((name) => {
    const path = settings.get(`path_${name}`);
    return path?.startsWith("/") === true ? [path] : [];
  });
}

async function entriesOf(host: VmHost, directory: string) {
  const names = await host.list(directory);
  return names.filter((name) => /^[a-z0-9]/i.test(name) && name !== "images").map((name) => ({ directory, name }));
}

async function lookAtGuest(host: VmHost, { directory, name }: { directory: string; name: string }) {
  const text = await host.read(`${directory}/${name}/${name}.conf`);
  if (text === undefined) return undefined;
  const conf = parseConf(text);
  const { vmm } = placeOf(name);
  const [locked, loaded] = await Promise.all([host.exists(`${directory}/${name}/run.lock`), host.exists(vmm)]);
  const owner = directory === vmDir ? conf.get(ownerKey) : undefined;
  return { name, owner, memoryMiB: mebibytes(conf.get("memory")), running: locked && loaded };
}

function mebibytes(memory: string | undefined): number {
  const [, digits, unit] = /^(\d+)([KMGT]?)/i.exec(memory ?? "") ?? [];
  const scale = { K: 1 / 1024, M: 1, G: 1024, T: 1024 * 1024 }[unit?.toUpperCase() ?? ""] ?? 1 / (1024 * 1024);
  return Number(digits ?? 0) * scale;
}

function switchesOf(settings: ReadonlyMap<string, string>): SwitchSeen[] {
  const listed = wordsOf(settings.get("switch_list"));
  const typed = [...settings.keys()].flatMap((key) => (key.startsWith("type_") ? [key.slice("type_".length)] : []));
  return [...new Set([...listed, ...typed])].map((name) => {
    const vlan = settings.get(`vlan_${name}`);
    const ports = wordsOf(settings.get(`ports_${name}`));
    return {
      name,
      listed: listed.includes(name),
      type: settings.get(`type_${name}`),
      ports: vlan === undefined ? [] : ports.map((port) => `${port}.${vlan}`),
    };
  });
}

/** Guests and switches of the lab that are there, and what its record says may be. */
export function oursOf({ guests, strays, switches, record }: Inventory, owner: Owner) {
  const claimed = record?.guests ?? [];
  return {
    guests: [
      ...guests.filter((guest) => guest.owner === owner).map(({ name }) => name),
      ...strays.filter((name) => claimed.includes(name)),
    ],
    switches: switches.map(({ name }) => name).filter((name) => record?.switches.includes(name) === true),
  };
}

/** Why these names cannot be the lab's: somebody else has them, or one that they would break. */
export function takenNames(
  inventory: Inventory,
  owner: Owner,
  wanted: { readonly switches: readonly string[]; readonly guests: readonly string[] },
): readonly { readonly what: string; readonly why: string; readonly fix: string }[] {
  const ours = oursOf(inventory, owner);
  const foreign = inventory.switches.map(({ name }) => name).filter((name) => !ours.switches.includes(name));
  const another = "lab up --name OTHER, whose names have a tag of their own";
  const strays = new Set(inventory.strays);
  return [
    ...wanted.guests.flatMap((name) => {
      const guest = inventory.guests.find((candidate) => candidate.name === name && candidate.owner !== owner);
      const why = guest?.owner === undefined ? "exists and is no lab's" : `belongs to the lab ${guest.owner}`;
      if (guest !== undefined) return [{ what: `guest ${name}`, why, fix: `${another}; or vm rename ${name} NEW` }];
      if (!strays.has(name) || ours.guests.includes(name)) return [];
      return [{ what: `guest ${name}`, why: "its directory exists, without a guest", fix: `${another}; or remove it` }];
    }),
    ...wanted.switches
      .filter((name) => foreign.includes(name))
      .map((name) => ({
        what: `switch ${name}`,
        why: "exists and is not this lab's",
        fix: `${another}; or vm switch destroy ${name}`,
      })),
    ...foreign.flatMap((other) => {
      // sysrc 7.3 looks a key up by what is before the hyphen.
      const broken = wanted.switches.find(
        (name) => name !== other && (stemOf(name) === other || stemOf(other) === name),
      );
      if (broken === undefined) return [];
      const why = `a switch of this name loses the settings of ${broken}, or the other way round (freebsd/vm-bhyve#141)`;
      return [{ what: `switch ${other}`, why, fix: another }];
    }),
  ];
}
