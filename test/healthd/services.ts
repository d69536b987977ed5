/** Services of every kind, for properties of the configuration. */
import * as fc from "fast-check";
import {
  type Check,
  defaultRules,
  disableFileOf,
  dnsTypes,
  type DnsType,
  type Service,
} from "../../src/healthd/config/service.ts";

const target = fc.record({
  address: fc.constantFrom("127.0.0.1", "::1", "10.0.0.7"),
  port: fc.integer({ min: 1, max: 65_535 }),
});
/** Anything but what no line can hold. */
const text = fc.string({ minLength: 1 }).filter((each) => !/[\r\0]/.test(each));
const words = fc.array(text, { maxLength: 3 }).map((rest) => ["/usr/bin/check"].concat(rest));
const optional = <K extends string, T>(key: K, value: fc.Arbitrary<T>) =>
  fc
    .option(value, { nil: undefined })
    .map((each) => Object.fromEntries(each === undefined ? [] : [[key, each]]) as Partial<Record<K, T>>);

const status = fc.tuple(fc.integer({ min: 100, max: 599 }), fc.integer({ min: 0, max: 400 }));
const http: fc.Arbitrary<Check> = fc
  .tuple(
    fc.record({
      kind: fc.constantFrom("http" as const, "https" as const),
      target,
      method: fc.constantFrom("GET", "HEAD"),
      path: fc.constantFrom("/", "/a%20b?c=d#e"),
      statuses: fc.array(
        status.map(([from, more]) => [from, from + more] as const),
        { minLength: 1, maxLength: 3 },
      ),
    }),
    optional("host", fc.constantFrom("www.example.org", "a:81")),
    optional(
      "body",
      fc.oneof(
        fc.record({ by: fc.constant("text" as const), value: text }),
        fc.constant({ by: "sha256" as const, value: "0f".repeat(32) }),
        fc.constant({ by: "regex" as const, value: '^"It #\\d' }),
      ),
    ),
    fc.boolean(),
  )
  .map(([rest, host, body, verify]) =>
    Object.assign(rest, host, body, { tls: { verify: rest.kind === "http" || verify } }),
  );

const dns: fc.Arbitrary<Check> = fc
  .tuple(
    fc.record({
      kind: fc.constant("dns" as const),
      target,
      transport: fc.constantFrom("udp" as const, "tcp" as const),
      query: fc.constantFrom("example.org", "a.b_c.example."),
      type: fc.constantFrom(...(Object.keys(dnsTypes) as DnsType[])),
    }),
    optional("answer", text),
  )
  .map(([rest, answer]) => Object.assign(rest, answer));

const check: fc.Arbitrary<Check> = fc.oneof(
  http,
  dns,
  fc.record({ kind: fc.constantFrom("tcp" as const, "ntp" as const, "smtp" as const), target }),
  fc.record({ kind: fc.constant("exec" as const), command: words }),
);

const ms = (least: number, most: number) => fc.integer({ min: least, max: most });

export const service: fc.Arbitrary<Service> = fc
  .tuple(
    fc.record({
      name: fc.constantFrom("web", "dns-2", "a_b"),
      prefixes: fc.constantFrom(["172.20.0.1/32"], ["172.20.0.1/32", "172.20.0.9/32"]),
      interface: fc.constantFrom("lo1", "lo12"),
      check,
    }),
    optional("cover", fc.constant({ prefix: "172.20.0.1/31", interface: "lo9" })),
    optional("watchPid", fc.constant("/var/run/httpd.pid")),
    optional("onChange", words),
    fc.record({
      intervalMs: ms(100, 2000),
      fastIntervalMs: ms(50, 2000),
      timeoutMs: ms(50, 2000),
      rise: ms(1, 9),
      holdDownMs: ms(0, 9999),
      jitter: fc.constantFrom(0, 0.25, 1),
      leaseMs: fc.constantFrom(5000, 60_000),
      start: fc.constantFrom("adopt" as const, "down" as const),
      onExit: fc.constantFrom("withdraw" as const, "keep" as const),
    }),
  )
  .map(([rest, cover, watchPid, onChange, rules]) =>
    Object.assign(rest, cover, watchPid, onChange, {
      rules: Object.assign({}, defaultRules, rules, { covered: "cover" in cover }),
      disableFile: disableFileOf(rest.name),
    }),
  );
