/** A program of the administrator's: exit code 0 is healthy. */
import type { ExecCheck } from "../config/service.ts";
import { runCommand } from "./command.ts";
import { Failure } from "./fault.ts";

export async function probeExec({ command }: ExecCheck, signal: AbortSignal): Promise<void> {
  const { code, output } = await runCommand(command, signal);
  if (code === 0) return;
  const said = output.trim() === "" ? "" : `: ${output}`;
  throw new Failure(`${typeof code === "number" ? `exit code ${code}` : `ended by ${code}`}${said}`);
}
