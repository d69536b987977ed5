/** The administrator's own program that is told of every transition; nothing waits for it. */
import type { Service } from "../config/service.ts";
import { runCommand } from "../probes/command.ts";
import type { Log } from "./log.ts";
import type { Moved } from "./world.ts";

const deadlineMs = 10_000;

/** It gets SERVICE, STATE, PREV, REASON and PREFIX in its environment. Never throws. */
export async function callHook(service: Service, { from, to, reason }: Moved, log: Log): Promise<void> {
  const { name, onChange, prefixes } = service;
  if (onChange === undefined) return;
  const environment = { SERVICE: name, STATE: to, PREV: from, REASON: reason, PREFIX: prefixes.join(" ") };
  try {
    const { code, output } = await runCommand(onChange, AbortSignal.timeout(deadlineMs), environment);
    if (code !== 0) log({ event: "alarm", service: name, reason: `on-change ended with ${code}: ${output.trim()}` });
  } catch (error) {
    log({ event: "alarm", service: name, reason: `on-change: ${(error as Error).message}` });
  }
}
