/** The first boot of Debian, by cloud-init. Its network cards are called after their slots, and we call them by our names. */
import type { Node, RenderedFile } from "../plan/model.ts";
import type { Steps } from "./first-boot.ts";
import { line, textOf } from "./line.ts";
import { sshdSettings } from "./sshd.ts";

export function debianSteps(node: Node): Steps {
  return {
    files: [
      ...node.interfaces.map(linkFile),
      { path: "/etc/ssh/sshd_config.d/00-lab.conf", text: textOf(sshdSettings), mode: 0o644 },
      // Who else would write addresses.
      { path: "/etc/cloud/cloud.cfg.d/99-lab.cfg", text: "network: { config: disabled }\n", mode: 0o644 },
    ],
    before: [
      // Until it has our key, sshd would be taken for somebody else's.
      "systemctl stop ssh.socket ssh frr dnsmasq 2>/dev/null",
      "rm -f /etc/ssh/ssh_host_* /etc/network/interfaces.d/50-cloud-init /etc/netplan/50-cloud-init.yaml",
      // Accounts of images: none has a password any more.
      'for user in root debian; do if getent passwd "$user" >/dev/null; then usermod --password \'!*\' "$user"; fi; done',
      ...rename(node),
    ],
    after: [
      "ssh-keygen -y -f /etc/ssh/ssh_host_ed25519_key >/etc/ssh/ssh_host_ed25519_key.pub || exit 1",
      "hostname -F /etc/hostname",
      line`grep -qw ${node.name} /etc/hosts || echo 127.0.1.1 ${node.name} >>/etc/hosts`,
      'for file in /etc/sysctl.d/*.conf; do sysctl -q -e -p "$file"; done',
      "{",
      "\tsystemctl restart networking",
      "\tsystemctl start ssh",
      "} </dev/null >/var/log/lab-first-boot.log 2>&1",
    ],
  };
}

/** systemd.link(5): the name at every boot. */
function linkFile({ name, mac }: Node["interfaces"][number]): Pick<RenderedFile, "path" | "text" | "mode"> {
  const text = textOf(["[Match]", line`MACAddress=${mac}`, "[Link]", line`Name=${name}`]);
  return { path: line`/etc/systemd/network/10-lab-${name}.link`, text, mode: 0o644 };
}

/** The name now. A card that bears another's name is out of its way first. */
function rename({ interfaces }: Node): readonly string[] {
  return [
    'card() { for at in /sys/class/net/*; do if [ "$(cat "$at/address")" = "$1" ]; then echo "${at##*/}"; fi; done; }',
    'move() { if [ -n "$1" ] && [ "$1" != "$2" ]; then ip link set "$1" down; ip link set "$1" name "$2"; fi; }',
    ...interfaces.map(({ mac }, index) => line`move "$(card ${mac})" lab${index}`),
    ...interfaces.map(({ name }, index) => line`move lab${index} ${name}`),
  ];
}
