/** `lab doctor --fix`: installs the packages of what is missing. */
import type { Finding } from "../drivers/driver.ts";
import { HostError } from "../errors.ts";
import type { World } from "./lab.ts";

/** True if anything was installed. Throws HostError with the exact command where this user may not. */
export async function installMissing(
  { exec }: World,
  findings: readonly Finding[],
  say: (line: string) => void,
): Promise<boolean> {
  const missing = findings.filter((finding) => finding.status === "missing").flatMap(({ packages = [] }) => packages);
  if (missing.length === 0) return false;
  const install = ["apt-get", "install", "--yes", "--no-install-recommends", ...new Set(missing)];
  const isRoot = process.getuid?.() === 0;
  const elevate = isRoot ? [] : ["sudo"];
  const may = isRoot || process.stdin.isTTY || (await exec.try(["sudo", "-n", "true"])).exitCode === 0;
  if (!may) {
    throw new HostError({
      code: "E_NOT_ROOT",
      message: `missing packages: ${missing.join(" ")}`,
      hint: `as root: apt-get update && ${install.join(" ")}`,
    });
  }
  for (const argv of [["apt-get", "update"], install]) {
    say([...elevate, ...argv].join(" "));
    const status = await exec.interact([...elevate, ...argv], { DEBIAN_FRONTEND: "noninteractive" });
    if (status !== 0)
      throw new HostError({ code: "E_INSTALL", message: `${argv.join(" ")} failed (exit code ${status})` });
  }
  return true;
}
