/** The kind `hypervisor`: the machine itself. */
import type { Guest, Kind } from "./kind.ts";

const host: Guest = { os: "host", login: "root", backend: "frr" };

/** The machine the lab runs on, as a client on the LAN. No guest is made for it. */
export const hypervisorKind: Kind = {
  name: "hypervisor",
  summary: "The hypervisor itself, as a client on the LAN",
  roles: ["client"],
  ports: { prefix: "lan", first: 0, most: 8 },
  guests: { netns: host, "vm-bhyve": host },
};
