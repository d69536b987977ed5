/** What only the tests need of this machine: the linters of playbooks, installed like everything that `lab doctor` misses. */
import { installMissing } from "../src/flow/doctor.ts";
import { localExec } from "../src/system/exec.ts";
import { explainError, exitCodeOf } from "../src/cli/explain.ts";

const programs = ["yamllint", "ansible-lint", "shellcheck"];
const answers = await Promise.all(programs.map((program) => localExec.try([program, "--version"])));
const findings = programs.map((program, index) => ({
  what: program,
  status: answers[index]?.exitCode === 0 ? ("good" as const) : ("missing" as const),
  packages: [program],
}));
try {
  await installMissing({ exec: localExec }, findings, (line) => process.stderr.write(`${line}\n`));
} catch (error) {
  process.stderr.write(`${explainError(error)}\n`);
  process.exitCode = exitCodeOf(error);
}
