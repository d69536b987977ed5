/** What healthd knows of a service: what its file says, as values. Times are milliseconds here, decimal seconds in the file. */

/** An address and port to ask; never a name, since a check must not depend on a resolver. */
export interface Target {
  /** An IPv4 or IPv6 address without brackets. */
  readonly address: string;
  readonly port: number;
}

/** What a body must be: it holds this text, matches this expression, or has this SHA-256 in hexadecimal. */
export interface BodyMatch {
  readonly by: "text" | "regex" | "sha256";
  readonly value: string;
}

/** How a TLS server is verified; without `authority` (a PEM file) by the system's certificates. */
export interface TlsCheck {
  readonly verify: boolean;
  readonly authority?: string;
}

/** From and to, both included. */
export type StatusRange = readonly [from: number, to: number];

export interface TcpCheck {
  readonly kind: "tcp";
  readonly target: Target;
}

export interface HttpCheck {
  readonly kind: "http" | "https";
  readonly target: Target;
  readonly method: string;
  readonly path: string;
  /** The Host header, and with TLS the name in the certificate; the target's address if absent. */
  readonly host?: string;
  readonly statuses: readonly StatusRange[];
  readonly body?: BodyMatch;
  readonly tls: TlsCheck;
}

export const dnsTypes = { A: 1, NS: 2, CNAME: 5, PTR: 12, TXT: 16, AAAA: 28 } as const;
export type DnsType = keyof typeof dnsTypes;

export interface DnsCheck {
  readonly kind: "dns";
  readonly target: Target;
  readonly transport: "udp" | "tcp";
  readonly query: string;
  readonly type: DnsType;
  /** One answer's data as text; any answer will do if absent. */
  readonly answer?: string;
}

export interface NtpCheck {
  readonly kind: "ntp";
  readonly target: Target;
}

export interface SmtpCheck {
  readonly kind: "smtp";
  readonly target: Target;
}

export interface ExecCheck {
  readonly kind: "exec";
  /** Program and arguments; no shell. */
  readonly command: readonly string[];
}

export type Check = TcpCheck | HttpCheck | DnsCheck | NtpCheck | SmtpCheck | ExecCheck;

/** When a service is healthy, and what its address does then. */
export interface Rules {
  /** Between checks while up; near an edge; while down. */
  readonly intervalMs: number;
  readonly fastIntervalMs: number;
  readonly downIntervalMs: number;
  /** For one whole check, from connecting to the last byte. */
  readonly timeoutMs: number;
  /** Passed checks in a row that bring the address up, failed ones that take it down. */
  readonly rise: number;
  readonly fall: number;
  /** `windowFall` failures among the last `window` checks take it down as well. */
  readonly window: number;
  readonly windowFall: number;
  /** Least time down; doubles with every return to at most `holdDownMaxMs`. */
  readonly holdDownMs: number;
  readonly holdDownMaxMs: number;
  /** The part of an interval that is random, 0 to 1. */
  readonly jitter: number;
  /** Between withdrawing an address and destroying it. */
  readonly drainMs: number;
  /** Without a completed check for so long the address goes; whole seconds, since the kernel counts so. */
  readonly leaseMs: number;
  /** What happens to an address that is there when healthd starts. */
  readonly start: "adopt" | "down";
  readonly onExit: "withdraw" | "keep";
  /** There is a cover. */
  readonly covered: boolean;
}

/** A less specific prefix that stays announced when the service is not healthy: routers use it when nobody has the /32. */
export interface Cover {
  /** The service's own address with a shorter length, e.g. `172.20.0.1/31`. */
  readonly prefix: string;
  readonly interface: string;
}

export interface Service {
  readonly name: string;
  /** `172.20.0.1/32` each. */
  readonly prefixes: readonly string[];
  readonly interface: string;
  readonly cover?: Cover;
  readonly check: Check;
  readonly rules: Rules;
  /** While it exists the service is drained; its first word may be `drain`, `maint` or `ready`. */
  readonly disableFile: string;
  /** A file with the number of the service's process, whose end causes a check at once. */
  readonly watchPid?: string;
  /** A program that is told of every transition. */
  readonly onChange?: readonly string[];
}

export const defaultRules: Rules = {
  intervalMs: 1000,
  fastIntervalMs: 200,
  downIntervalMs: 2000,
  timeoutMs: 500,
  rise: 3,
  fall: 2,
  window: 20,
  windowFall: 8,
  holdDownMs: 5000,
  holdDownMaxMs: 120_000,
  jitter: 0.1,
  drainMs: 2000,
  leaseMs: 3000,
  start: "adopt",
  onExit: "withdraw",
  covered: false,
};

/** Where a service's maintenance file is unless its configuration says otherwise. */
export function disableFileOf(name: string): string {
  return `/var/run/healthd/${name}.disable`;
}
