/** `lab doctor` */
import type { HostFinding } from "../../drivers/driver.ts";
import { exitCodes } from "../../errors.ts";
import { probeMachines } from "../../flow/check.ts";
import { installMissing } from "../../flow/doctor.ts";
import { findLab } from "../../flow/lab.ts";
import { formatTable } from "../../report/table.ts";
import type { FlagsOf } from "../command.ts";
import type { AppContext } from "../context.ts";
import type { doctorFlags } from "../flags.ts";
import { layoutOf, printJson, printLines, say } from "../output.ts";
import { chooseHypervisor } from "../where.ts";

type Flags = FlagsOf<typeof doctorFlags>;

export async function runDoctor(context: AppContext, flags: Flags): Promise<number> {
  const lab = await findLab(context.world, "doctor", chooseHypervisor(flags), flags.host);
  let findings = await probeMachines(lab);
  if (flags.fix === true && (await installMissing(context.world, findings, (line) => say(context, line)))) {
    findings = await probeMachines(lab);
  }
  if (flags.json === true) printJson(context, findings);
  else printLines(context, describe(context, findings));
  return findings.some((finding) => finding.status === "missing") ? exitCodes.hostNotReady : exitCodes.good;
}

const styles = { good: "green", fallback: "yellow", missing: "red" } as const;

function describe(context: AppContext, findings: readonly HostFinding[]): readonly string[] {
  const rows = findings.map(({ what, status, consequence, fix }) => [
    { text: what },
    { text: status, style: styles[status] },
    { text: [consequence, fix].filter((part) => part !== undefined).join(": ") },
  ]);
  const columns = [{ title: "WHAT" }, { title: "STATUS" }, { title: "CONSEQUENCE, FIX" }];
  return formatTable({ columns, rows }, layoutOf(context));
}
