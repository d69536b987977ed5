/**
 * vm-bhyve's configuration files (contract, sections 1 and 4). They are read by `vm` line by line, but sourced as shell by
 * sysrc: every value is quoted, and none may hold what a shell would expand.
 */
import { createHash } from "node:crypto";
import type { GuestOs, Machine } from "../../kinds/kind.ts";
import type { Interface, Node } from "../../plan/model.ts";
import { diskFile } from "./place.ts";

/** Our mark in a guest's conf and in the template it is made of; `vm` does not look at keys it does not know. */
export const ownerKey = "lab_owner";

/** A guest whose mark this is belongs to the lab; nothing else is ever touched. */
export type Owner = string;

/** The mark of a lab: its name, to be read, and where its state is, since several users may have a lab of one name. */
export function ownerOf(lab: string, stateDirectory: string): Owner {
  return `${lab}-${createHash("sha256").update(stateDirectory).digest("hex").slice(0, 8)}`;
}

/**
 * Key → value as `vm` reads them: only lines that begin with a-z, without what follows a `#` and without double quotes; of
 * a key that occurs twice the first.
 */
export function parseConf(text: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const line of text.split("\n")) {
    if (!/^[a-z]/.test(line)) continue;
    const bare = (line.split("#", 1)[0] ?? "").trimEnd().replaceAll('"', "");
    const at = bare.indexOf("=");
    const key = at < 0 ? bare : bare.slice(0, at);
    if (at >= 0 && !settings.has(key)) settings.set(key, bare.slice(at + 1));
  }
  return settings;
}

/** The words of a value that is a list. */
export function wordsOf(value: string | undefined): readonly string[] {
  return (value ?? "").split(/\s+/).filter(Boolean);
}

/** `key="value"` lines. Throws RangeError for a value that `vm` and a shell would read in different ways. */
export function formatConf(settings: readonly (readonly [key: string, value: string | number])[]): string {
  const keys = settings.map(([key]) => key);
  if (new Set(keys).size !== keys.length) throw new RangeError(`a key twice in ${keys.join(" ")}`);
  return settings.map(([key, value]) => `${key}="${plain(key, String(value))}"\n`).join("");
}

function plain(key: string, value: string): string {
  if (/^[A-Za-z0-9 .,:;=/_@+-]*$/.test(value)) return value;
  throw new RangeError(`${key} cannot be ${JSON.stringify(value)} in vm-bhyve's configuration`);
}

/** What `vm create` needs of a template, and our mark. The conf, which says what the kind's machine is, is written afterwards. */
export function templateText(owner: Owner): string {
  return formatConf([[ownerKey, owner], ...disk]);
}

/** The same for every kind: each system that lab knows, Cumulus VX included, has the driver. */
const disk = [
  ["disk0_type", "virtio-blk"],
  ["disk0_name", diskFile],
  ["disk0_dev", "file"],
] as const;

/** Whether the guest reads a seed: a CD with the label `cidata`. Cumulus has no cloud-init. */
export function hasSeed(os: GuestOs): boolean {
  return os === "debian" || os === "freebsd";
}

/** As `vm create -C` adds it. */
const seedDisk = [
  ["disk1_type", "ahci-cd"],
  ["disk1_name", "seed.iso"],
  ["disk1_dev", "file"],
] as const;

/** Which host-wide names are this lab's. */
export function recordText(owner: Owner, switches: readonly string[], guests: readonly string[]): string {
  return formatConf([
    [ownerKey, owner],
    ["switches", switches.join(" ")],
    ["guests", guests.join(" ")],
  ]);
}

/**
 * The conf of a guest, whole: NICs without a gap, with the plan's MACs (`vm create` would have
 * made up one, and the first start the others). `debug` keeps bhyve's own words, which are thrown away otherwise.
 */
export function guestConf(owner: Owner, guest: string, node: Node, machine: Machine): string {
  return formatConf([
    [ownerKey, owner],
    ["loader", machine.loader],
    ["cpu", machine.cpus],
    ["memory", `${machine.memoryMiB}M`],
    ["uuid", uuidOf(`${owner}/${guest}`)],
    // Without a store of its own, a UEFI guest loses its boot entries at power-off (churchers/vm-bhyve#449).
    ...(machine.loader.startsWith("uefi") ? ([["uefi_vars", "yes"]] as const) : []),
    ["debug", "yes"],
    ...disk,
    ...(hasSeed(node.guest.os) ? seedDisk : []),
    ...cardsOf(node).flatMap((port, index) => cardKeys(index, machine, port, `${owner}/${guest}/${index}`)),
  ]);
}

/** Without a switch `vm` leaves a card out; with one that it does not find, the card is there and plugged into nothing. */
const nowhere = "lab-unplugged";

function cardKeys(index: number, { nic }: Machine, port: Interface | undefined, place: string): [string, string][] {
  return [
    [`network${index}_type`, nic],
    [`network${index}_switch`, port?.segment ?? nowhere],
    [`network${index}_mac`, port?.mac ?? spareMac(place)],
  ];
}

/**
 * Network cards in their order. FreeBSD and Cumulus count them (em0, em1; eth0, swp1, swp2), so a port that the plan leaves out
 * has a card all the same; Debian gets its names by MAC.
 */
function cardsOf({ guest, interfaces }: Node): readonly (Interface | undefined)[] {
  if (guest.os === "debian") return interfaces;
  const cards = new Map(interfaces.map((port) => [port.purpose === "management" ? 0 : numberOf(port.name), port]));
  return Array.from({ length: Math.max(-1, ...cards.keys()) + 1 }, (_, index) => cards.get(index));
}

function numberOf(name: string): number {
  return Number(/\d+$/.exec(name)?.[0] ?? 0);
}

/** By bhyve's prefix, and the same at each start. */
function spareMac(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return ["58:9c:fc", hex.slice(0, 2), hex.slice(2, 4), hex.slice(4, 6)].join(":");
}

/** The same for the same guest of the same lab: RFC 9562, version 8, of a hash. */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
