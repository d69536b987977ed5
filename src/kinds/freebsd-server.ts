/** The kind `freebsd-server`: FreeBSD with FRR and Apache. */
import { embeddedServer, freebsdMachine } from "./guests.ts";
import type { Kind } from "./kind.ts";

/** The article's server: FreeBSD, FRR, Apache, em0 for its identity and em1 for routing. Reached in band. */
export const freebsdServer: Kind = {
  name: "freebsd-server",
  summary: "FreeBSD server with FRR and Apache: em0 by DHCP, em1 for BGP",
  roles: ["server"],
  ports: { prefix: "em", first: 0, most: 8 },
  guests: { netns: embeddedServer, "vm-bhyve": freebsdMachine },
  machine: { memoryMiB: 512, cpus: 1, diskGiB: 5, nic: "e1000", loader: "uefi" },
};
