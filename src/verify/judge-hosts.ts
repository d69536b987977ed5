/** Judges of rows 1 to 5 and of kernel settings: what a host is, has and runs. */
import { keyOf } from "../plan/end.ts";
import { withoutLength } from "../topology/ipv4.ts";
import type { PlannedAddresses, PlannedEnd, Reply } from "./model.ts";
import { bad, good, type Judge, listNames, lookAt, ofOne, unless, withRead } from "./finding.ts";
import { addressesOf, isUp, type Link, readLinks } from "./read-ip.ts";
import { excerpt } from "./read-json.ts";

/** A domain after the name does not count. */
export const judgeHostname = ofOne<"hostname">(({ name }, reply) => {
  const seen = reply.stdout.trim().replace(/\..*$/, "");
  return seen === name ? good(name) : bad(name, excerpt(reply));
});

/** The answer of every end, in the order of the ends: `ip -j address`. */
export const judgeSegment: Judge<"segment"> = ({ ends }, replies, check) => {
  const complaints = ends.flatMap((end, index) => complaintsOfEnd(end, replies[index]));
  const names = ends.map(keyOf).join(" and ");
  return unless(complaints, `${names} up, with their MACs and MTU`, `${names} up`, lookAt(check.node, "ip", "link"));
};

function complaintsOfEnd(end: PlannedEnd, reply: Reply | undefined): readonly string[] {
  const where = keyOf(end);
  const read = reply === undefined ? { problem: "not asked" } : readLinks(reply);
  if ("problem" in read) return [`${where}: ${read.problem}`];
  const link = read.value.find(({ ifname }) => ifname === end.interface);
  if (link === undefined) return [`${where} does not exist`];
  return [
    ...(isUp(link) ? [] : [`${where} is ${link.flags.includes("UP") ? "up without carrier" : "down"}`]),
    ...(end.mac === undefined || link.address === end.mac ? [] : [`${where} has MAC ${link.address}, not ${end.mac}`]),
    ...(end.mtu === undefined || link.mtu === end.mtu ? [] : [`${where} has MTU ${link.mtu}, not ${end.mtu}`]),
  ];
}

/** IPv4 exactly as planned; of IPv6 the planned link-local address and no other. */
export const judgeAddresses = ofOne<"addresses">(({ interfaces }, reply, check) => {
  const expected = interfaces.map((port) => `${port.name} ${port.ipv4[0] ?? port.linkLocal}`).join(", ");
  return withRead(readLinks(reply), expected, (links) =>
    unless(
      interfaces.flatMap((port) => complaintsOfAddresses(port, links)),
      expected,
      expected,
      lookAt(check.node, "ip", "address"),
    ),
  );
});

function complaintsOfAddresses(port: PlannedAddresses, links: readonly Link[]): readonly string[] {
  const link = links.find(({ ifname }) => ifname === port.name);
  if (link === undefined) return [`${port.name} does not exist`];
  const ipv4 = addressesOf(link, "inet");
  const ipv6 = addressesOf(link, "inet6").map(withoutLength);
  const right = ipv4.length === port.ipv4.length && port.ipv4.every((address) => ipv4.includes(address));
  const foreign = ipv6.filter((address) => address !== port.linkLocal);
  return [
    ...(link.address === port.mac ? [] : [`${port.name} has MAC ${link.address}, not ${port.mac}`]),
    ...(right ? [] : [`${port.name} has IPv4 ${listNames(ipv4)}`]),
    ...(ipv6.includes(port.linkLocal) ? [] : [`${port.name} has no ${port.linkLocal}`]),
    ...(foreign.length === 0 ? [] : [`${port.name} has ${listNames(foreign)} besides`]),
  ];
}

/** One line a lease: expiry, MAC, address, name, client id (dnsmasq(8), `--dhcp-leasefile`). */
export const judgeLease = ofOne<"lease">(({ mac, address, name }, reply) => {
  const expected = `${mac} → ${address} ${name}`;
  const leases = reply.stdout.split("\n").map((line) => line.trim().split(/\s+/));
  const lease = leases.find((words) => words[1]?.toLowerCase() === mac);
  if (lease === undefined) return bad(expected, reply.exitCode === 0 ? `no lease for ${mac}` : excerpt(reply));
  const seen = `${mac} → ${lease[2]} ${lease[3]}`;
  return seen === expected ? good(expected) : bad(expected, seen);
});

/** sha256sum's lines: 64 hex digits, two spaces, path. The majority is taken to be right. */
export const judgeIdentical: Judge<"identical"> = ({ files, nodes }, replies) => {
  const expected = `${files.join(" and ")} the same on ${nodes.length} servers`;
  const unread = replies.flatMap((reply, index) =>
    reply.exitCode === 0 ? [] : [`${nodes[index]}: ${excerpt(reply, 60)}`],
  );
  if (unread.length > 0) return bad(expected, unread.join("; "));
  const texts = replies.map((reply) => reply.stdout.trim());
  const holders = (text: string) => nodes.filter((_, index) => texts[index] === text);
  const groups = [...new Set(texts)].map(holders).toSorted((one, other) => other.length - one.length);
  const [most = [], ...rest] = groups;
  if (rest.length === 0) return good(expected, `one checksum on ${nodes.length} servers`);
  return bad(
    expected,
    `${listNames(rest.flat())} ${rest.flat().length === 1 ? "differs" : "differ"} from ${listNames(most.slice(0, 3))}`,
  );
};

/** `show daemons` prints names in one line; more than planned is no fault. */
export const judgeDaemons = ofOne<"daemons">(({ daemons }, reply, check) => {
  const running = reply.stdout.split(/\s+/).filter((word) => word !== "");
  const missing = daemons.filter((daemon) => !running.includes(daemon));
  const expected = listNames(daemons);
  if (reply.exitCode !== 0) return bad(expected, excerpt(reply));
  const complaints = missing.length === 0 ? [] : [`missing ${listNames(missing)}; ${listNames(running)} run`];
  return unless(complaints, expected, listNames(running), `lab logs ${check.node}`);
});

/** The service address as a /32, on a loopback that is up. */
export const judgeVip = ofOne<"vip">((expect, reply, check) => {
  const expected = `${expect.address}/32 on ${expect.interface}, up`;
  return withRead(readLinks(reply), expected, (links) => {
    const hint = lookAt(check.node, "ip", "address", "show", expect.interface);
    const link = links.find(({ ifname }) => ifname === expect.interface);
    if (link === undefined) return bad(expected, `no ${expect.interface}`, hint);
    const present = addressesOf(link, "inet");
    if (!present.includes(`${expect.address}/32`)) {
      return bad(expected, `${expect.interface} has ${listNames(present)}`, hint);
    }
    return isUp(link) ? good(expected) : bad(expected, `${expect.interface} is down`, hint);
  });
});

/** arping(8) of iputils exits 1 when nobody replied, which is what is wanted here; 2 is its own error. */
export const judgeSilent = ofOne<"silent">(({ address }, reply) => {
  const expected = `no ARP reply for ${address}`;
  const replying = /reply from \S+ \[([0-9A-Fa-f:]{17})\]/.exec(reply.stdout)?.[1];
  if (replying !== undefined) return bad(expected, `${replying.toLowerCase()} answers`, arpHint);
  return /Received 0 response/.test(reply.stdout) ? good(expected) : bad(expected, excerpt(reply));
});

const arpHint = "a server answers ARP for a loopback address unless net.ipv4.conf.all.arp_ignore is 1";

/** `sysctl KEY…`: a key that this kernel lacks leaves no line behind. */
export const judgeSysctls = ofOne<"sysctls">(({ values }, reply) => {
  const seen = new Map(reply.stdout.split("\n").map((line) => splitSetting(line)));
  const complaints = Object.entries(values).flatMap(([key, value]) => {
    const present = seen.get(key);
    if (present === undefined) return [`this kernel has no ${key}`];
    return sameSetting(present, String(value)) ? [] : [`${key} is ${present}, not ${value}`];
  });
  return unless(complaints, `${Object.keys(values).length} settings as planned`, "all as planned");
});

/** `net.ipv4.ip_forward = 1` */
function splitSetting(line: string): [string, string] {
  const [key = "", ...value] = line.split("=");
  return [key.trim(), value.join("=").trim()];
}

/** The kernel prints some masks in hexadecimal, and lists with tabs. */
function sameSetting(one: string, other: string): boolean {
  return one.replaceAll(/\s+/g, " ") === other || (one !== "" && Number(one) === Number(other));
}
