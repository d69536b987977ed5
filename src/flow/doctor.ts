/** `lab doctor --fix`: installs the packages of what is missing. */
import type { HostFinding } from "../drivers/driver.ts";
import { HostError } from "../errors.ts";
import type { World } from "./lab.ts";

/** True if anything was installed. Throws HostError with the exact command where this user may not. */
export async function installMissing(
  { exec }: Pick<World, "exec">,
  findings: readonly HostFinding[],
  say: (line: string) => void,
): Promise<boolean> {
  const missing = findings.filter((finding) => finding.status === "missing").flatMap(({ packages = [] }) => packages);
  if (missing.length === 0) return false;
  const packages = [...new Set(missing)];
  const install = ["apt-get", "install", "--yes", "--no-install-recommends", ...packages];
  const elevate = await becomeRoot(exec, packages, install);
  for (const argv of [["apt-get", "update"], install]) {
    // sudo drops the environment, so the variable goes behind it.
    const command = [...elevate, "env", "DEBIAN_FRONTEND=noninteractive", ...argv];
    say(command.join(" "));
    const status = await exec.interact(command);
    if (status !== 0) {
      throw new HostError({ code: "E_INSTALL", message: `${argv.join(" ")} failed (exit code ${status})` });
    }
  }
  return true;
}

/** The words that make a command run as root: none, or sudo where somebody can answer it. */
async function becomeRoot(
  exec: World["exec"],
  packages: readonly string[],
  install: readonly string[],
): Promise<readonly string[]> {
  const message = `missing packages: ${packages.join(" ")}`;
  if ((await exec.try(["apt-get", "--version"])).exitCode !== 0) {
    const hint = "this system has no apt-get: install what they contain with its own package manager";
    throw new HostError({ code: "E_NO_APT", message, hint });
  }
  if (process.getuid?.() === 0) return [];
  const hasSudo = (await exec.try(["sudo", "--version"])).exitCode === 0;
  if (hasSudo && (process.stdin.isTTY || (await exec.try(["sudo", "-n", "true"])).exitCode === 0)) return ["sudo"];
  throw new HostError({
    code: "E_NOT_ROOT",
    message,
    hint: `as root: apt-get update && ${install.join(" ")}`,
  });
}
