/** What a router's kernel counts: `/proc/net/snmp`, two lines for each protocol, names and values. */
import type { Counted } from "./model.ts";

export const countersArgv = ["cat", "/proc/net/snmp"] as const;

/**
 * `InHdrErrors` counts every packet whose time to live ran out (Linux net/ipv4/ip_forward.c); the ICMP messages about them
 * are limited in rate, and would be too few. Undefined for what is no such file.
 */
export function readCounters(text: string): Counted | undefined {
  const [names = [], values = []] = text
    .split("\n")
    .filter((line) => line.startsWith("Ip: "))
    .map((line) => line.trim().split(/\s+/));
  const value = (name: string) => Number(values[names.indexOf(name)]);
  const counted = { expired: value("InHdrErrors"), forwarded: value("ForwDatagrams") };
  return Number.isInteger(counted.expired) && Number.isInteger(counted.forwarded) ? counted : undefined;
}

/** What was counted between two looks. */
export function countedSince(before: Counted, now: Counted): Counted {
  return { expired: now.expired - before.expired, forwarded: now.forwarded - before.forwarded };
}
