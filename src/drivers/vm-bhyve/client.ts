/**
 * What the lab's client is asked that is the hypervisor itself. The counter of flows, which guests have as a program, is in
 * here, since nothing is installed on a hypervisor for a lab.
 */
import { connect } from "node:net";
import type { Argv } from "../../kinds/kind.ts";
import type { RunOptions, RunResult } from "../../system/exec.ts";
import { countFlows, readFlowsArgv } from "../../system/flows.ts";
import type { Host } from "./host.ts";

export async function runAsClient(host: Host, argv: Argv, options?: RunOptions): Promise<RunResult> {
  const flows = readFlowsArgv(argv);
  if (flows === undefined) return host.run(argv, options);
  // Over the connection to another machine each flow is one that its sshd opens: from there, by a port of its own.
  const open = (address: string, port: number) =>
    host.behind === undefined ? connect({ host: address, port }) : host.behind.openStream(address, port);
  const stdout = `${JSON.stringify(await countFlows(flows, open, options?.signal))}\n`;
  return { argv, exitCode: 0, stdout, stderr: "", failure: undefined };
}
