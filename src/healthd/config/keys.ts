/** Every key of a service's file with its reader. The reference of the format, so each has a line that says what it is. */
import * as read from "./readers.ts";
import { dnsTypes, type DnsType } from "./service.ts";

const dnsTypeNames = Object.keys(dnsTypes) as DnsType[];
const loopback = read.matching(
  /^lo[1-9]\d{0,3}$/,
  "loopback interface of its own",
  "lo1 and up; lo and lo0 are the system's",
);

export const keys = {
  /** The file's own name without `.conf`. */
  name: read.matching(/^[a-z0-9][a-z0-9_-]{0,31}$/, "name", "small letters, digits, - and _, at most 32"),
  prefix: read.hostPrefixes,
  interface: loopback,
  /** Always announced while not disabled, so that a fleet of unhealthy servers still serves. */
  cover: read.coverPrefix,
  "cover-interface": loopback,
  check: read.oneOf("tcp", "http", "https", "dns", "ntp", "smtp", "exec"),
  target: read.target,
  method: read.oneOf("GET", "HEAD", "OPTIONS", "POST"),
  path: read.matching(/^\/[\x21-\x7e]*$/, "path", "begin it with / and percent-encode blanks"),
  host: read.matching(/^[a-z0-9._-]+(:\d+)?$/i, "host name", "for example www.example.org"),
  "expect-status": read.statuses,
  "expect-body": read.matching(/^.+$/s, "text", "write what the body must hold"),
  "expect-regex": read.regex,
  "expect-sha256": read.matching(/^[0-9a-f]{64}$/, "SHA-256", "64 hexadecimal digits in small letters"),
  "tls-verify": read.oneOf("yes", "no"),
  /** A file of PEM certificates. */
  "tls-ca": read.path,
  query: read.matching(
    /^(?=.{1,253}$)([a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?$/i,
    "DNS name",
    "for example www.example.org",
  ),
  "query-type": read.oneOf(...dnsTypeNames),
  transport: read.oneOf("udp", "tcp"),
  "expect-answer": read.matching(/^.+$/s, "text", "write one answer's data, like 192.0.2.1"),
  command: read.command,
  interval: read.seconds(0.1, 3600),
  "fast-interval": read.seconds(0.05, 3600),
  "down-interval": read.seconds(0.1, 3600),
  timeout: read.seconds(0.05, 60),
  rise: read.whole(1, 100),
  fall: read.whole(1, 100),
  window: read.whole(1, 1000),
  "window-fall": read.whole(1, 1000),
  "hold-down": read.seconds(0, 3600),
  "hold-down-max": read.seconds(0, 86_400),
  jitter: read.part,
  start: read.oneOf("adopt", "down"),
  "disable-file": read.path,
  drain: read.seconds(0, 300),
  lease: read.wholeSeconds(1, 3600),
  "watch-pid": read.path,
  "on-exit": read.oneOf("withdraw", "keep"),
  "on-change": read.command,
} as const satisfies Record<string, read.Reader<unknown>>;

export type Key = keyof typeof keys;

type ValueOf<K extends Key> = Extract<ReturnType<(typeof keys)[K]>, { readonly value: unknown }>["value"];

/** What a file says, read but not yet judged. */
export type Values = { readonly [K in Key]?: ValueOf<K> };

/** Other programs' word for the same. */
export const aliases: Readonly<Record<string, Key>> = { fail: "fall" };

const http: readonly Key[] = [
  "target",
  "method",
  "path",
  "host",
  "expect-status",
  "expect-body",
  "expect-regex",
  "expect-sha256",
];

/** The keys that belong to some kinds of checks only. */
export const keysOfCheck: Readonly<Record<NonNullable<Values["check"]>, readonly Key[]>> = {
  tcp: ["target"],
  http,
  https: [...http, "tls-verify", "tls-ca"],
  dns: ["target", "transport", "query", "query-type", "expect-answer"],
  ntp: ["target"],
  smtp: ["target"],
  exec: ["command"],
};
