/** The kind `debian-host`: Debian without routing daemons. */
import { debianMachine, embeddedRouter } from "./guests.ts";
import type { Guest, Kind } from "./kind.ts";

function withoutRouting({ frr: _frr, ...guest }: Guest): Guest {
  return guest;
}

/** The same image without routing daemons: clients, the home router, the DHCP server. */
export const debianHost: Kind = {
  name: "debian-host",
  summary: "Debian without routing daemons: clients, home router, DHCP server",
  roles: ["router", "client", "dhcp"],
  ports: { management: "eth0", prefix: "eth", first: 1, most: 64 },
  guests: { netns: withoutRouting(embeddedRouter), "vm-bhyve": withoutRouting(debianMachine) },
  machine: { memoryMiB: 256, cpus: 1, diskGiB: 4, nic: "virtio-net", loader: "uefi" },
};
