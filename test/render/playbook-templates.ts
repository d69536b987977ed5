/** The playbook's templates as Ansible itself fills them in for a leaf: its Jinja2, its filters, our inventory. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Plan } from "../../src/plan/model.ts";
import { renderInventory } from "../../src/render/inventory.ts";

const playbooks = fileURLToPath(new URL("../../playbooks", import.meta.url));
const run = promisify(execFile);

/** Ansible's version line, or undefined where it is not installed. */
export async function ansibleVersion(): Promise<string | undefined> {
  try {
    return (await run("ansible", ["--version"])).stdout.split("\n")[0];
  } catch {
    return undefined;
  }
}

/**
 * @param templates paths below `playbooks/roles`
 * @returns the text of each, by path. One process for all: debug runs on the control host and reaches for no leaf, and its
 * argument is a lookup as in the roles' tasks, so that white space is what a leaf gets.
 */
export async function fillIn<Path extends string>(
  plan: Plan,
  leaf: string,
  templates: readonly Path[],
): Promise<Readonly<Record<Path, string>>> {
  const home = mkdtempSync(join(tmpdir(), "lab-templates-"));
  try {
    const inventory = join(home, "inventory.yaml");
    writeFileSync(inventory, renderInventory(plan, { sshConfig: join(home, "ssh_config") }));
    const lookups = templates.map((path) => [
      path,
      `{{ lookup('ansible.builtin.template', '${playbooks}/roles/${path}') }}`,
    ]);
    const argument = JSON.stringify({ msg: Object.fromEntries(lookups) });
    const argv = [leaf, "--one-line", "--inventory", inventory, "--module-name", "debug", "--args", argument];
    // Inventory and configuration are these and no others, whatever the caller's environment says.
    const env = { PATH: process.env["PATH"], HOME: home, ANSIBLE_CONFIG: join(playbooks, "ansible.cfg") };
    const { stdout } = await run("ansible", argv, { env: { ...env, ANSIBLE_NOCOLOR: "1", LC_ALL: "C.UTF-8" } });
    return (JSON.parse(stdout.slice(stdout.indexOf("{"))) as { msg: Record<Path, string> }).msg;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
