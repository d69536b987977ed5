/** The words of the command line, for healthd and healthctl alike. */
import { parseArgs } from "node:util";
import { target } from "./config/readers.ts";
import type { Target } from "./config/service.ts";

export interface Options {
  /** The folder of the services' files. */
  readonly config: string;
  /** What lives as long as the system runs: the socket, maintenance files. */
  readonly run: string;
  readonly actuator: string;
  readonly metrics: Target | undefined;
  /** Whom to be after the root part has been started; root if absent. */
  readonly user?: string;
  readonly group?: string;
  /** vtysh's path; bgpd is not watched if absent. */
  readonly vtysh?: string;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly all: boolean;
  readonly maint: boolean;
  readonly waitS: number;
}

/** Wrong usage. */
export class UsageError extends Error {}

const known = {
  config: { type: "string" },
  run: { type: "string", default: "/var/run/healthd" },
  actuator: { type: "string" },
  metrics: { type: "string", default: "127.0.0.1:9650" },
  user: { type: "string" },
  group: { type: "string" },
  vtysh: { type: "string" },
  "dry-run": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  all: { type: "boolean", default: false },
  maint: { type: "boolean", default: false },
  wait: { type: "string", default: "60" },
} as const;

/** @param defaults what differs between systems */
export function parseOptions(
  words: readonly string[],
  defaults: { readonly config: string; readonly actuator: string },
): { readonly options: Options; readonly names: readonly string[] } {
  const { values, positionals } = parse(words);
  const { user, group, vtysh } = values;
  if ((user === undefined) !== (group === undefined)) throw new UsageError("--user and --group go together");
  const waitS = Number(values.wait);
  if (!/^\d{1,4}$/.test(values.wait)) throw new UsageError(`--wait takes whole seconds, not ${values.wait}`);
  const options: Options = {
    config: values.config ?? defaults.config,
    run: values.run,
    actuator: values.actuator ?? defaults.actuator,
    metrics: values.metrics === "off" ? undefined : readMetrics(values.metrics),
    ...(user !== undefined && group !== undefined && { user, group }),
    ...(vtysh !== undefined && { vtysh }),
    dryRun: values["dry-run"],
    json: values.json,
    all: values.all,
    maint: values.maint,
    waitS,
  };
  return { options, names: positionals };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: known, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** Metrics tell what runs here: they are for this machine alone. */
function readMetrics(text: string): Target {
  const reading = target(text);
  if (!("value" in reading)) throw new UsageError(`--metrics: ${reading.message}; ${reading.hint}, or off`);
  const { address } = reading.value;
  if (address === "::1" || address.startsWith("127.")) return reading.value;
  throw new UsageError(`--metrics ${text}: that is not this machine's loopback; take 127.0.0.1, or off`);
}
