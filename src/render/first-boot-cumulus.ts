/** The first login on Cumulus, which knows no seed: what root does once the serial console has let us in. */
import type { Steps } from "./first-boot.ts";
import { sshdSettings } from "./sshd.ts";

export const cumulusSteps: Steps = {
  files: [],
  // Until it has our key, sshd would be taken for somebody else's.
  before: ["systemctl stop ssh@mgmt ssh 2>/dev/null", "rm -f /etc/ssh/ssh_host_*"],
  after: [
    "ssh-keygen -y -f /etc/ssh/ssh_host_ed25519_key >/etc/ssh/ssh_host_ed25519_key.pub || exit 1",
    "chmod 700 /root/.ssh",
    // Of several values sshd takes the first; not every release has an include directory.
    "grep -v '# lab$' /etc/ssh/sshd_config >/etc/ssh/sshd_config.old",
    "{",
    ...sshdSettings.map((setting) => `\techo '${setting} # lab'`),
    "\tcat /etc/ssh/sshd_config.old",
    "} >/etc/ssh/sshd_config.lab && mv /etc/ssh/sshd_config.lab /etc/ssh/sshd_config",
    "rm -f /etc/ssh/sshd_config.old",
    "hostname -F /etc/hostname",
    'for file in /etc/sysctl.d/*.conf; do sysctl -q -e -p "$file"; done',
    "systemctl enable frr",
    "ifreload -a",
    // It runs in the VRF of eth0 where there is one.
    "systemctl start ssh@mgmt 2>/dev/null || systemctl start ssh",
    // Nobody logs in by a password any more, on the console either.
    "usermod --lock cumulus || exit 1",
  ],
};
