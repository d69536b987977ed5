/** What each row of the reference says, as a sentence: the headings of every report. */
import type { Row } from "./model.ts";

/** Row 11 has no checks: its verdicts are those of drills. */
export const rowTitles: Readonly<Record<Row, string>> = {
  1: "Every node answers and every segment joins the ports it should",
  2: "Servers have their planned addresses, and got them by DHCP",
  3: "All servers have the same FRR files, and the daemons run",
  4: "The service address is on each server's loopback, and nobody answers ARP for it",
  5: "A second run of the playbook changes nothing",
  6: "Leaves: one session per server, one prefix, BFD, and a kernel route by the server's port",
  7: "Spines and edges: one next hop per leaf with a live server; EVPN joins the leaves",
  8: "Packets take the planned way, in both directions and at full size",
  9: "Every client gets the page from the service address",
  10: "The clients' flows are spread over all servers",
  11: "Traffic turns away from what a drill breaks, and comes back; no routing configuration changes",
  12: "Leaves accept nothing but the service address from a server",
};
