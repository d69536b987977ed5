/** The module of the nclu back end: part of community.network, not of ansible-core, and no longer in every distribution. */
import { fileURLToPath } from "node:url";
import type { Exec } from "../../src/system/exec.ts";

export const withoutNclu =
  "community.network.nclu is not on this machine. Debian 12 and Ubuntu 24.04 have it in the package ansible, Debian 13 " +
  "(ansible 12) dropped it; elsewhere: ansible-galaxy collection install -r playbooks/requirements.yml";

/** Whether Ansible finds the module, wherever it was installed from. */
export async function hasNclu(exec: Pick<Exec, "try">): Promise<boolean> {
  // Exit code 0 and `{}` when it does not.
  const { stdout } = await exec.try(["ansible-doc", "--type", "module", "--json", "community.network.nclu"], {
    env: {
      ANSIBLE_CONFIG: fileURLToPath(new URL("../../playbooks/ansible.cfg", import.meta.url)),
      // Ansible refuses to start in a locale without UTF-8.
      LC_ALL: "C.UTF-8",
    },
  });
  return stdout.includes('"community.network.nclu"');
}

/** Whether installing the distribution's package could help: 260 MB are not fetched to find that it could not. */
export async function packageHasNclu(exec: Pick<Exec, "try">): Promise<boolean> {
  const { failure, stdout } = await exec.try(["apt-cache", "policy", "ansible"]);
  const major = /^ *Candidate: (?:\d+:)?(\d+)/m.exec(stdout)?.[1];
  // Without package lists there is no candidate yet; installing fetches them first.
  return failure === undefined && (major === undefined || Number(major) < 12);
}
