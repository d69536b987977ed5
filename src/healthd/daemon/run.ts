/** `healthd run`: puts everything together, and ends as signals say. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Service } from "../config/service.ts";
import { serveMetrics } from "../control/scrape.ts";
import { listenForQuestions } from "../control/socket.ts";
import { describeService, type Status } from "../control/status.ts";
import { readServices } from "../folder.ts";
import { type Actuator, startActuator } from "../interface/actuator.ts";
import { pretendInterfaces } from "../interface/interfaces.ts";
import type { Options } from "../options.ts";
import { runCheck } from "../probes/run.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import { callHook } from "./hook.ts";
import { type Log, openLog } from "./log.ts";
import { readMode } from "./maintenance.ts";
import { type Routing, watchBgpd } from "./routing.ts";
import type { World } from "./world.ts";

/** Ended so that the next one takes over: whoever supervises starts it again. EX_TEMPFAIL of sysexits(3). */
export const handedOver = 75;
/** The root part is gone: only a new healthd can have another one. */
const rootPartGone = 1;

/**
 * @returns the exit code: 0 after SIGTERM or SIGINT, when what was announced is withdrawn
 * @throws ConfigError, or Error if another healthd runs here
 */
export async function runDaemon(options: Options): Promise<number> {
  const services = await readServices(options.config);
  const log = openLog(1);
  mkdirSync(options.run, { recursive: true });
  let fleet: Fleet | undefined;
  let bgpd: Routing | undefined;
  const status = (): Status => ({
    pid: process.pid,
    ...(bgpd !== undefined && { bgpd }),
    services: (fleet?.keepers() ?? []).map((keeper) => describeService(keeper, performance.now())),
  });
  const socket = await listenForQuestions(join(options.run, "socket"), (question) => {
    if (question.ask === "look") for (const keeper of fleet?.keepers() ?? []) keeper.check();
    return status();
  });
  const actuator = options.dryRun ? undefined : openActuator(options, log);
  becomeNobody(options);

  const running = startFleet(services, makeWorld(actuator, log));
  fleet = running;
  const scrape =
    options.metrics &&
    serveMetrics(options.metrics, status, ({ message }) => {
      log({ event: "alarm", reason: `no metrics: ${message}` });
    });
  const watching = new AbortController();
  if (options.vtysh !== undefined) {
    void watchBgpd(options.vtysh, log, watching.signal, (found) => {
      bgpd = found;
    });
  }
  log({ event: "started", pid: process.pid, services: services.map(({ name }) => name), dryRun: options.dryRun });

  process.on("SIGHUP", () => void reload(options.config, log, running.reload));
  const lost = actuator === undefined ? [] : [actuator.ended.then(() => rootPartGone)];
  const code = await Promise.race([untilSignalled(running.leave), ...lost]);
  running.stop();
  watching.abort();
  scrape?.close();
  scrape?.closeAllConnections();
  socket.close();
  actuator?.close();
  log({ event: "ended", code });
  return code;
}

function openActuator({ actuator, config, run }: Options, log: Log): Actuator {
  const onComplaint = (line: string): void => log({ event: "alarm", reason: `the root part says: ${line}` });
  return startActuator({ program: actuator, directory: config, run, onComplaint });
}

function makeWorld(actuator: Actuator | undefined, log: Log): World {
  return {
    interfaces: actuator ?? pretendInterfaces((words) => log({ event: "would", words })),
    log,
    now: () => performance.now(),
    chance: Math.random,
    runCheck,
    readMode,
    onBeat: startBeat(),
    tell: (service, moved) => void callHook(service, moved, log),
  };
}

const beatMs = 100;

function startBeat(): World["onBeat"] {
  const callbacks = new Set<() => void>();
  const beat = setInterval(() => {
    for (const callback of callbacks) callback();
  }, beatMs);
  // Whoever listens has timers of its own; this alone keeps nobody here.
  beat.unref();
  return (callback) => {
    callbacks.add(callback);
    return () => callbacks.delete(callback);
  };
}

/** The root part stays root; we, who talk to services, do not. */
function becomeNobody({ user, group }: Options): void {
  if (user === undefined || group === undefined) return;
  process.setgroups?.([]);
  process.setgid?.(group);
  process.setuid?.(user);
}

async function untilSignalled(leave: () => Promise<void>): Promise<number> {
  return new Promise((resolve) => {
    const end = (): void => void leave().then(() => resolve(0));
    process.once("SIGTERM", end);
    process.once("SIGINT", end);
    process.once("SIGUSR2", () => resolve(handedOver));
  });
}

async function reload(folder: string, log: Log, take: (services: readonly Service[]) => Promise<void>): Promise<void> {
  try {
    const services = await readServices(folder);
    await take(services);
    log({ event: "reloaded", services: services.map(({ name }) => name) });
  } catch (error) {
    log({ event: "alarm", reason: `not reloaded, what was there before goes on: ${(error as Error).message}` });
  }
}
