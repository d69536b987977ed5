/**
 * Services → the files that say them: the door for whoever deploys healthd. Pure, and the inverse of parseServices:
 * what is read back is the same value.
 */
import { writeValue } from "./entries.ts";
import type { BodyMatch, Check, HttpCheck, Rules, Service, Target } from "./service.ts";

export interface RenderedService {
  /** Within the configuration's folder. */
  readonly path: string;
  readonly text: string;
}

type Line = readonly [key: string, value: string];

/** A file per service, every setting said, so that a server's files say what holds there without the defaults at hand. */
export function renderHealthd(services: readonly Service[]): readonly RenderedService[] {
  return services.map((service) => {
    const text = linesOf(service).map(([key, value]) => `${key} = ${writeValue(value)}\n`);
    return { path: `${service.name}.conf`, text: text.join("") };
  });
}

function linesOf(service: Service): readonly Line[] {
  const { cover, watchPid, onChange } = service;
  return [
    ["name", service.name],
    ["prefix", service.prefixes.join(" ")],
    ["interface", service.interface],
    ...(cover === undefined ? [] : lines({ cover: cover.prefix, "cover-interface": cover.interface })),
    ...checkLines(service.check),
    ...ruleLines(service.rules),
    ["disable-file", service.disableFile],
    ...lines({ "watch-pid": watchPid, "on-change": onChange && commandOf(onChange) }),
  ];
}

function checkLines(check: Check): readonly Line[] {
  const { kind } = check;
  switch (kind) {
    case "exec":
      return lines({ check: kind, command: commandOf(check.command) });
    case "http":
    case "https":
      return httpLines(check);
    case "dns": {
      const { transport, query, type, answer } = check;
      const rest = { transport, query, "query-type": type, "expect-answer": answer };
      return lines({ check: kind, target: targetOf(check.target), ...rest });
    }
    default:
      return lines({ check: kind, target: targetOf(check.target) });
  }
}

function httpLines({ kind, target, method, path, host, statuses, body, tls }: HttpCheck): readonly Line[] {
  const ranges = statuses.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`));
  return [
    ...lines({ check: kind, target: targetOf(target), method, path, host, "expect-status": ranges.join(", ") }),
    ...(body === undefined ? [] : [[bodyKeys[body.by], body.value] as const]),
    ...(kind === "http" ? [] : lines({ "tls-verify": tls.verify ? "yes" : "no", "tls-ca": tls.authority })),
  ];
}

const bodyKeys: Readonly<Record<BodyMatch["by"], string>> = {
  text: "expect-body",
  regex: "expect-regex",
  sha256: "expect-sha256",
};

function ruleLines(rules: Rules): readonly Line[] {
  return lines({
    interval: secondsOf(rules.intervalMs),
    "fast-interval": secondsOf(rules.fastIntervalMs),
    "down-interval": secondsOf(rules.downIntervalMs),
    timeout: secondsOf(rules.timeoutMs),
    rise: `${rules.rise}`,
    fall: `${rules.fall}`,
    window: `${rules.window}`,
    "window-fall": `${rules.windowFall}`,
    "hold-down": secondsOf(rules.holdDownMs),
    "hold-down-max": secondsOf(rules.holdDownMaxMs),
    jitter: `${rules.jitter}`,
    drain: secondsOf(rules.drainMs),
    lease: secondsOf(rules.leaseMs),
    start: rules.start,
    "on-exit": rules.onExit,
  });
}

function lines(values: Readonly<Record<string, string | undefined>>): readonly Line[] {
  return Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
}

function secondsOf(ms: number): string {
  return `${ms / 1000}`;
}

function targetOf({ address, port }: Target): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

function commandOf(words: readonly string[]): string {
  return words.map((word) => (/^[^\s"\\]+$/.test(word) ? word : `"${word.replaceAll(/["\\]/g, "\\$&")}"`)).join(" ");
}
