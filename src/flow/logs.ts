/** Logs: of nodes, read on the node; of the lab itself, from its state. */
import { join } from "node:path";
import { lastLines } from "../errors.ts";
import { readTextOr } from "../system/files.ts";
import { runOnHost } from "./access.ts";
import type { Lab } from "./lab.ts";

export interface Log {
  readonly name: string;
  readonly text: string;
}

/** Of each log; the end is what one looks for. */
const shownLines = 200;

/** What a node may have; the console is the hypervisor's. */
const files = ["/var/log/frr/frr.log", "/var/log/dhcp.log", "/var/log/httpd-error.log"];

export async function nodeLogs(lab: Lab, nodes: readonly string[]): Promise<readonly Log[]> {
  const logs = await Promise.all(
    nodes.map(async (node) => {
      const console = await onHost(lab, ["cat", `/lab/nodes/${node}/console.log`]);
      const own = await Promise.all(
        files.map(async (file) => ({
          name: `${node}:${file}`,
          text: await onHost(lab, ["tail", "-n", String(shownLines), `/lab/nodes/${node}/upper${file}`]),
        })),
      );
      return [{ name: `${node}: console`, text: console }, ...own];
    }),
  );
  return logs.flat().filter((log) => log.text.trim() !== "");
}

/** A node that does not answer still has logs: they are read from outside. */
async function onHost(lab: Lab, argv: readonly string[]): Promise<string> {
  const { exitCode, stdout } = await runOnHost(lab, argv, { timeoutMs: 10_000 });
  return exitCode === 0 ? stdout : "";
}

export async function labLogs(lab: Lab): Promise<readonly Log[]> {
  const paths = [join(lab.state.logs, "sandbox.log"), lab.state.journal];
  const texts = await Promise.all(paths.map(async (path) => lastLines(await readTextOr(path, ""), shownLines)));
  return paths.map((name, index) => ({ name, text: texts[index] ?? "" })).filter((log) => log.text !== "");
}
