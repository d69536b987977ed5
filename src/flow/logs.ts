/** Logs: of nodes, read on the node or beside it; of the lab itself, from its state. */
import { join } from "node:path";
import type { Log } from "../drivers/driver.ts";
import { LabError, lastLines } from "../errors.ts";
import type { Plan } from "../plan/model.ts";
import type { Fleet } from "../remote/fleet.ts";
import { readTextOr } from "../system/files.ts";
import { keysOf, openLabFleet, runOnHost } from "./access.ts";
import type { Lab } from "./lab.ts";

/** Of each log; the end is what one looks for. */
const shownLines = 200;

/** What a node may have. */
const files = ["/var/log/frr/frr.log", "/var/log/dhcp.log", "/var/log/httpd-error.log"];
/** FRR there writes to syslog; what a virtual machine's first boot said is beside it. */
const machineFiles = [...files, "/var/log/messages", "/var/log/lab-first-boot.log"];

/** A node that runs answers soon or not at all. */
const limits = { connectMs: 5000, timeoutMs: 15_000 };

/** Logs that hold anything, by `node:path`. */
export async function nodeLogs(lab: Lab, plan: Plan, nodes: readonly string[]): Promise<readonly Log[]> {
  const guests = nodes.filter((name) => plan.nodes.some((node) => node.name === name && node.guest.os !== "host"));
  const logs = lab.driver.hostLogs === undefined ? sandboxLogs(lab, guests) : machineLogs(lab, plan, guests);
  return (await logs).filter((log) => log.text.trim() !== "");
}

/** A guest of the sandbox that does not answer still has logs: they are read from outside. */
async function sandboxLogs(lab: Lab, nodes: readonly string[]): Promise<readonly Log[]> {
  const read = async (name: string, argv: readonly string[]): Promise<Log> => {
    const { exitCode, stdout } = await runOnHost(lab, argv, { timeoutMs: 10_000 });
    return { name, text: exitCode === 0 ? stdout : "" };
  };
  const all = nodes.flatMap((node) => [
    read(`${node}: console`, ["cat", `/lab/nodes/${node}/console.log`]),
    ...files.map((file) => read(`${node}:${file}`, tail(`/lab/nodes/${node}/upper${file}`))),
  ]);
  return Promise.all(all);
}

/** Of a virtual machine the hypervisor knows how it was started; the rest is told by SSH. */
async function machineLogs(lab: Lab, plan: Plan, nodes: readonly string[]): Promise<readonly Log[]> {
  const fleet = openLabFleet(lab, plan, await keysOf(lab, plan));
  try {
    const logs = nodes.map(async (node) => [
      ...((await lab.driver.hostLogs?.(plan, node)) ?? []).map(({ name, text }) => ({
        name: `${node}: ${name}`,
        text: lastLines(text, shownLines),
      })),
      ...(await ownLogs(fleet, node)),
    ]);
    return (await Promise.all(logs)).flat();
  } finally {
    fleet.close();
  }
}

/** What a node tells of its files by SSH; one that does not answer has its error for a log. */
export async function ownLogs(fleet: Pick<Fleet, "batch">, node: string): Promise<readonly Log[]> {
  try {
    const results = await fleet.batch(node, machineFiles.map(tail), limits);
    return machineFiles.map((file, index) => {
      const result = results[index];
      return { name: `${node}:${file}`, text: result?.exitCode === 0 ? result.stdout : "" };
    });
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return [{ name: `${node}: no answer`, text: error.message }];
  }
}

function tail(file: string): string[] {
  return ["tail", "-n", String(shownLines), file];
}

export async function labLogs(lab: Lab): Promise<readonly Log[]> {
  const paths = [join(lab.state.logs, "sandbox.log"), lab.state.journal];
  const texts = await Promise.all(paths.map(async (path) => lastLines(await readTextOr(path, ""), shownLines)));
  return paths.map((name, index) => ({ name, text: texts[index] ?? "" })).filter((log) => log.text !== "");
}
