/**
 * Lines of `ip -oneline -tshort monitor route nexthop link`, and of `ip -oneline route` and `nexthop`, which have no time in
 * front (iproute2 6.x). Whatever else the kernel tells of is left out.
 */

/** How routers are watched. One zone, or the time could not be read. */
export const monitorArgv = ["env", "TZ=UTC", "ip", "-o", "-ts", "monitor", "route", "nexthop", "link"] as const;

export type Change =
  | { readonly kind: "route"; readonly to: string; readonly nexthop?: number; readonly ports: readonly string[] }
  | { readonly kind: "no route"; readonly to: string }
  | { readonly kind: "nexthop"; readonly id: number; readonly port: string }
  | { readonly kind: "group"; readonly id: number; readonly members: readonly number[] }
  | { readonly kind: "no nexthop"; readonly id: number }
  | {
      readonly kind: "link";
      readonly port: string;
      /** Administratively. */
      readonly up: boolean;
      readonly carrier: boolean;
    };

export interface Notice {
  /** Milliseconds since the epoch by the node's clock; undefined where the line has none. */
  readonly atMs?: number;
  readonly change: Change;
}

/** Undefined for what is of no interest here. */
export function readNotice(line: string): Notice | undefined {
  const [, stamp, deleted, text = ""] = /^(?:\[([\d:.T-]{19,29})\] )?(Deleted )?(.*)$/.exec(line) ?? [];
  const change = readChange(text, deleted !== undefined);
  if (change === undefined) return undefined;
  if (stamp === undefined) return { change };
  const atMs = readStamp(stamp);
  return Number.isNaN(atMs) ? undefined : { atMs, change };
}

/** `2026-11-27T23:54:42.066078`: a Date knows no parts of a millisecond. */
function readStamp(stamp: string): number {
  const [seconds = "", fraction = ""] = stamp.split(".");
  return Date.parse(`${seconds}Z`) + Number(`0.${fraction}0`) * 1000;
}

function readChange(text: string, deleted: boolean): Change | undefined {
  const link = /^\d+: ([^\s:@]+)(?:@[^\s:]*)?: <([A-Z_,\d-]*)>/.exec(text);
  if (link !== null) return readLink(link, deleted);
  const nexthop = /^id (\d+) (.*)$/.exec(text);
  if (nexthop !== null) return readNexthop(Number(nexthop[1]), nexthop[2] ?? "", deleted);
  const to = /^\d+(?:\.\d+){3}(?:\/\d+)?(?= )/.exec(text)?.[0];
  return to === undefined ? undefined : readRoute(to, text, deleted);
}

function readLink([, port = "", flags = ""]: RegExpExecArray, deleted: boolean): Change {
  const words = flags.split(",");
  return { kind: "link", port, up: !deleted && words.includes("UP"), carrier: !deleted && words.includes("LOWER_UP") };
}

function readNexthop(id: number, text: string, deleted: boolean): Change | undefined {
  if (deleted) return { kind: "no nexthop", id };
  // With a weight a member is `23,5`.
  const members = /^group ([\d,/]+)/.exec(text)?.[1];
  if (members !== undefined) return { kind: "group", id, members: members.split("/").map((one) => parseInt(one, 10)) };
  const port = /\bdev (\S+)/.exec(text)?.[1];
  return port === undefined ? undefined : { kind: "nexthop", id, port };
}

function readRoute(to: string, text: string, deleted: boolean): Change {
  if (deleted) return { kind: "no route", to };
  const nexthop = /\bnhid (\d+)/.exec(text)?.[1];
  // Several next hops are separated by a backslash; one that the kernel does not use says so.
  const parts = text.split("\\").filter((part) => !/\b(?:dead|linkdown)\b/.test(part));
  const ports = parts.flatMap((part) => /\bdev (\S+)/.exec(part)?.[1] ?? []);
  return { kind: "route", to, ports, ...(nexthop !== undefined && { nexthop: Number(nexthop) }) };
}
