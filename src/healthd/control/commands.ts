/** healthctl's commands: what people say to healthd, or ask without it. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Service } from "../config/service.ts";
import { readServices } from "../folder.ts";
import { type Options, UsageError } from "../options.ts";
import { runCheck } from "../probes/run.ts";
import { ask } from "./socket.ts";
import { formatStatus, type Status } from "./status.ts";

export const exitCodes = { good: 0, unhealthy: 1, usage: 2, notRunning: 3 } as const;

export interface Terminal {
  readonly say: (text: string) => void;
}

type Command = (options: Options, names: readonly string[], terminal: Terminal) => Promise<number>;

/** Files with mistakes are thrown as ConfigError. */
const check: Command = async ({ config }, _, { say }) => {
  const services = await readServices(config);
  say(`${services.length} services in ${config}, no mistakes\n`);
  return exitCodes.good;
};

/** One check of each service as it would be done, without healthd. */
const once: Command = async (options, names, { say }) => {
  const services = await selectServices(options, names);
  const results = services.map(async ({ name, check: what, rules }) => {
    const { outcome, tookMs } = await runCheck(what, rules.timeoutMs);
    const reason = outcome.result === "ok" ? "" : `: ${outcome.reason}`;
    say(`${name}: ${outcome.result} after ${tookMs.toFixed(1)} ms${reason}\n`);
    return outcome.result === "ok";
  });
  const all = await Promise.all(results);
  return all.every(Boolean) ? exitCodes.good : exitCodes.unhealthy;
};

const status: Command = async ({ run, json }, _, { say }) => {
  const found = await ask(join(run, "socket"), { ask: "status" });
  say(json ? `${JSON.stringify(found)}\n` : formatStatus(found));
  return found.services.every(({ wanted, seen }) => wanted && seen === "live") ? exitCodes.good : exitCodes.unhealthy;
};

/** The file is what counts, so that a service stays drained when healthd starts again, or was not there at all. */
const drain: Command = async (options, names, terminal) => {
  const services = await selectServices(options, names);
  for (const { disableFile } of services) writeFileSync(disableFile, options.maint ? "maint\n" : "drain\n");
  return settle(options, services, terminal, ({ phase }) => phase === "disabled");
};

const ready: Command = async (options, names, terminal) => {
  const services = await selectServices(options, names);
  for (const { disableFile } of services) rmSync(disableFile, { force: true });
  return settle(options, services, terminal, ({ wanted, seen }) => wanted && seen === "live");
};

export const commands: Readonly<Record<string, Command>> = { check, once, status, drain, ready };

/** @throws UsageError for names that are not in the configuration */
async function selectServices({ config, all }: Options, names: readonly string[]): Promise<readonly Service[]> {
  const services = await readServices(config);
  if (all === names.length > 0) throw new UsageError("name services, or say --all");
  const strange = names.find((name) => !services.some((service) => service.name === name));
  const known = services.map(({ name }) => name).join(", ");
  if (strange !== undefined) throw new UsageError(`there is no service ${strange} in ${config}; there are ${known}`);
  return all ? services : services.filter(({ name }) => names.includes(name));
}

/** Waits until all of them are as they should be. */
async function settle(
  { run, waitS }: Options,
  services: readonly Service[],
  { say }: Terminal,
  isSettled: (service: Status["services"][number]) => boolean,
): Promise<number> {
  const names = new Set(services.map(({ name }) => name));
  const deadline = performance.now() + waitS * 1000;
  for (let word: "look" | "status" = "look"; ; word = "status") {
    const found = await ask(join(run, "socket"), { ask: word });
    const ours = found.services.filter(({ name }) => names.has(name));
    if (ours.length === names.size && ours.every(isSettled)) return exitCodes.good;
    if (performance.now() >= deadline) {
      say(formatStatus({ ...found, services: ours }));
      return exitCodes.unhealthy;
    }
    await wait(100);
  }
}
