/**
 * What the tests need of this machine: all that `lab doctor` misses, linters, and the Ansible module of the nclu back end.
 * Installed at once, so that whoever may not install anything is told of all of it at once.
 */
import { buildContext } from "../src/cli/context.ts";
import { explainError, exitCodeOf } from "../src/cli/explain.ts";
import { defaultHypervisor } from "../src/cli/where.ts";
import type { HostFinding } from "../src/drivers/driver.ts";
import { installMissing } from "../src/flow/doctor.ts";
import { findLab } from "../src/flow/lab.ts";
import { localExec } from "../src/system/exec.ts";
import { hasNclu, packageHasNclu, withoutNclu } from "../test/playbooks/nclu-module.ts";

const programs = ["yamllint", "ansible-lint", "shellcheck"];
const say = (line: string) => process.stderr.write(`${line}\n`);

async function probeProgram(program: string): Promise<HostFinding> {
  // In a locale without UTF-8 ansible-lint fails, and would be installed again at every run.
  const { exitCode } = await localExec.try([program, "--version"], { env: { LC_ALL: "C.UTF-8" } });
  return { what: program, status: exitCode === 0 ? "good" : "missing", packages: [program] };
}

async function probeNclu(): Promise<HostFinding> {
  const what = "community.network.nclu";
  if (await hasNclu(localExec)) return { what, status: "good" };
  if (await packageHasNclu(localExec)) return { what, status: "missing", packages: ["ansible"] };
  return { what, status: "fallback", consequence: `the test of the nclu back end is skipped: ${withoutNclu}` };
}

async function probeLab(): Promise<readonly HostFinding[]> {
  const { world } = buildContext(new AbortController().signal);
  return (await findLab(world, "doctor", defaultHypervisor())).driver.probe();
}

try {
  const own = await Promise.all([...programs.map(probeProgram), probeNclu()]);
  for (const { consequence } of own) if (consequence !== undefined) say(consequence);
  await installMissing({ exec: localExec }, [...(await probeLab()), ...own], say);
} catch (error) {
  say(explainError(error));
  process.exitCode = exitCodeOf(error);
}
