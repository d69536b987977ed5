/** Whether conditions hold on a host, asked of its files, devices and interfaces. */
import type { Condition } from "../proof.ts";
import { type Owner, parseConf, wordsOf } from "./conf.ts";
import type { VmHost } from "./host.ts";
import { findBridge } from "./interfaces.ts";
import { takeInventory, takenNames } from "./inventory.ts";
import { configDirectory, isRecord } from "./place.ts";

/** What does not hold, with the reason where that says more than the condition; empty if all do. */
export async function unmet(
  host: VmHost,
  owner: Owner,
  conditions: readonly Condition[],
): Promise<readonly Condition[]> {
  const holding = await Promise.all(conditions.map((condition) => holds(host, owner, condition)));
  return conditions.filter((_, index) => holding[index] !== true);
}

export async function allHold(host: VmHost, owner: Owner, conditions: readonly Condition[]): Promise<boolean> {
  return (await unmet(host, owner, conditions)).length === 0;
}

async function holds(host: VmHost, owner: Owner, condition: Condition): Promise<boolean> {
  switch (condition.is) {
    case "there":
      return (await existing(host, condition.paths)).every(Boolean);
    case "gone":
      return !(await existing(host, condition.paths)).some(Boolean);
    case "set":
      return (await present(host, condition)).every(Boolean);
    case "unset":
      return !(await present(host, condition)).some(Boolean);
    case "bridged":
      return (await findBridge(host, condition.switch)) !== undefined;
    case "unbridged":
      return (await findBridge(host, condition.switch)) === undefined;
    case "free":
      return takenNames(await takeInventory(host, owner), owner, condition).length === 0;
    case "unclaimed":
      return !(await host.list(configDirectory)).some(isRecord);
    case "own-lock":
      return isOwnLock(host, condition.path);
  }
}

function existing(host: VmHost, paths: readonly string[]): Promise<boolean[]> {
  return Promise.all(paths.map((path) => host.exists(path)));
}

/** Which of the settings the file has; a word of a list counts. */
async function present(
  host: VmHost,
  { file, settings }: Extract<Condition, { is: "set" | "unset" }>,
): Promise<boolean[]> {
  const found = parseConf((await host.read(file)) ?? "");
  return settings.map(([key, word]) => wordsOf(found.get(key)).includes(word));
}

/** An empty lock is nobody's, and would block the guest for ever (churchers/vm-bhyve#555). */
async function isOwnLock(host: VmHost, path: string): Promise<boolean> {
  const holder = (await host.read(path))?.trim() ?? "";
  return holder === "" || holder === (await host.run(["hostname"], { timeoutMs: 10_000 })).stdout.trim();
}
