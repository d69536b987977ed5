/** The first boot of FreeBSD, by nuageinit(7) of its BASIC-CLOUDINIT images. */
import type { Steps } from "./first-boot.ts";
import { renderSshd } from "./sshd.ts";

export const freebsdSteps: Steps = {
  files: [{ path: "/etc/ssh/sshd_config", text: renderSshd("/usr/libexec/sftp-server"), mode: 0o644 }],
  before: [
    // Until it has our key, it would be taken for somebody else's.
    "service sshd onestop >/dev/null 2>&1",
    // Images log this account in by a password that everybody knows.
    "if pw usershow freebsd >/dev/null 2>&1; then pw userdel freebsd -r; fi",
    "pw usermod root -h - >/dev/null",
    "rm -f /etc/ssh/ssh_host_*",
    // What nuageinit may have made of other data is read after rc.conf.local, and would win over it.
    "rm -f /etc/rc.conf.d/hostname /etc/rc.conf.d/network /etc/rc.conf.d/routing",
  ],
  after: [
    "ssh-keygen -y -f /etc/ssh/ssh_host_ed25519_key >/etc/ssh/ssh_host_ed25519_key.pub || exit 1",
    // dhclient sets a name only where there is none.
    'hostname ""',
    "{",
    "\tservice sysctl restart",
    "\tservice netif restart",
    "\tservice routing restart",
    "\tservice sshd onestart",
    // nuageinit waits for all who hold its pipe.
    "} </dev/null >/var/log/lab-first-boot.log 2>&1",
  ],
};
