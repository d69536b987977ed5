/** Values → the service, with the defaults of what is left out. Only for drafts in which nothing is missing or wrong. */
import type { Values } from "./keys.ts";
import {
  defaultRules,
  disableFileOf,
  type BodyMatch,
  type Check,
  type Rules,
  type Service,
  type Target,
} from "./service.ts";

/** @returns nothing if what has no default is missing */
export function buildService(values: Values, name: string): Service | undefined {
  const { prefix, interface: loopback, cover } = values;
  const check = buildCheck(values);
  if (prefix === undefined || loopback === undefined || check === undefined) return undefined;
  const coverInterface = values["cover-interface"] ?? "lo9";
  return {
    name,
    prefixes: prefix,
    interface: loopback,
    ...(cover !== undefined && { cover: { prefix: cover, interface: coverInterface } }),
    check,
    rules: buildRules(values),
    disableFile: values["disable-file"] ?? disableFileOf(name),
    ...(values["watch-pid"] !== undefined && { watchPid: values["watch-pid"] }),
    ...(values["on-change"] !== undefined && { onChange: values["on-change"] }),
  };
}

export function buildRules(values: Values): Rules {
  const said = {
    intervalMs: values.interval,
    fastIntervalMs: values["fast-interval"],
    downIntervalMs: values["down-interval"],
    timeoutMs: values.timeout,
    rise: values.rise,
    fall: values.fall,
    window: values.window,
    windowFall: values["window-fall"],
    holdDownMs: values["hold-down"],
    holdDownMaxMs: values["hold-down-max"],
    jitter: values.jitter,
    drainMs: values.drain,
    leaseMs: values.lease,
    start: values.start,
    onExit: values["on-exit"],
  };
  const given = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  return { ...defaultRules, ...given, covered: values.cover !== undefined };
}

function buildCheck(values: Values): Check | undefined {
  const { check: kind, target, command } = values;
  if (kind === "exec") return command && { kind, command };
  if (kind === undefined || target === undefined) return undefined;
  if (kind === "http" || kind === "https") return { kind, target, ...buildHttp(values) };
  return kind === "dns" ? buildDns(values, target) : { kind, target };
}

function buildDns(values: Values, target: Target): Check | undefined {
  const { transport = "udp", query, "query-type": type = "A", "expect-answer": answer } = values;
  return query === undefined
    ? undefined
    : { kind: "dns", target, transport, query, type, ...(answer !== undefined && { answer }) };
}

function buildHttp(values: Values) {
  const { method = "GET", path = "/", host } = values;
  const authority = values["tls-ca"];
  const [body] = bodyMatches(values);
  return {
    method,
    path,
    ...(host !== undefined && { host }),
    statuses: values["expect-status"] ?? ([[200, 299]] as const),
    ...(body !== undefined && { body }),
    tls: { verify: values["tls-verify"] !== "no", ...(authority !== undefined && { authority }) },
  };
}

/** All that a file expects of a body; more than one is a mistake. */
export function bodyMatches(values: Values): readonly BodyMatch[] {
  const all = [
    { by: "text", value: values["expect-body"] },
    { by: "regex", value: values["expect-regex"] },
    { by: "sha256", value: values["expect-sha256"] },
  ] as const;
  return all.flatMap(({ by, value }) => (value === undefined ? [] : [{ by, value }]));
}
