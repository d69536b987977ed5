/** Row 4 and the way back (row 8): the service address is where it must be, and nowhere else; kernel settings. */
import type { Node, Plan, Service } from "../plan/model.ts";
import { withoutLength } from "../topology/ipv4.ts";
import { nodesByName, servingNeighbors } from "./expected-routes.ts";
import type { Check } from "./model.ts";
import { askAddresses, askArp, askRoutes, askSysctls } from "./questions.ts";

/** By service, then by node. */
export function serviceChecks(plan: Plan): readonly Check[] {
  const servers = plan.nodes.filter(({ role }) => role === "server");
  return [
    ...plan.services.flatMap((service) => [...checkPresence(service), ...checkSilence(plan, service)]),
    ...plan.nodes.flatMap(checkSysctls),
    ...servers.flatMap((server) => checkReturnPath(plan, server)),
  ];
}

function checkPresence(service: Service): readonly Check[] {
  const address = withoutLength(service.prefix);
  return service.servers.map((server): Check => ({
    id: `vip/${server}/${service.name}`,
    row: 4,
    title: `${server} has ${address} on ${service.interface}`,
    node: server,
    asks: [{ node: server, question: askAddresses }],
    expect: { kind: "vip", interface: service.interface, address },
    deadline: "settled",
  }));
}

/**
 * Every leaf asks its own VLAN: all leaves have the gateway's MAC, so that a reply from behind another leaf ends at that
 * leaf and is never seen by the one that asked.
 */
function checkSilence(plan: Plan, service: Service): readonly Check[] {
  const nodes = nodesByName(plan);
  const address = withoutLength(service.prefix);
  return plan.vlans.flatMap((vlan) =>
    vlan.leaves.flatMap((name): Check[] => {
      const leaf = nodes.get(name);
      if (leaf === undefined || servingNeighbors(leaf, service).length === 0) return [];
      return [
        {
          id: `silent/${name}/${vlan.name}/${service.name}`,
          row: 4,
          title: `no server behind ${name} answers ARP for ${address} on ${vlan.name}`,
          node: name,
          asks: [{ node: name, question: askArp(vlan.bridge, address) }],
          expect: { kind: "silent", address },
          deadline: "traffic",
        },
      ];
    }),
  );
}

/** On servers they keep ARP silent; on routers they keep ECMP from polarising. */
function checkSysctls(node: Node): readonly Check[] {
  const keys = Object.keys(node.sysctls);
  if (keys.length === 0 || node.guest.os === "host") return [];
  return [
    {
      id: `sysctls/${node.name}`,
      row: node.role === "server" ? 4 : 10,
      title: `${node.name} has its kernel settings`,
      node: node.name,
      asks: [{ node: node.name, question: askSysctls(keys) }],
      expect: { kind: "sysctls", values: node.sysctls },
      deadline: "settled",
    },
  ];
}

/** Replies leave by the access port's default route. No BGP route may be in the kernel, as on FreeBSD. */
function checkReturnPath(plan: Plan, server: Node): readonly Check[] {
  const port = server.interfaces.find(({ purpose }) => purpose === "access");
  const vlan = plan.vlans.find(({ name }) => name === port?.vlan);
  if (port === undefined || vlan === undefined) return [];
  const gateway = withoutLength(vlan.gateway);
  return [
    {
      id: `return-path/${server.name}`,
      row: 8,
      title: `replies of ${server.name} leave by ${port.name} to ${gateway}, and no BGP route is in its kernel`,
      node: server.name,
      asks: [{ node: server.name, question: askRoutes }],
      expect: { kind: "returnPath", device: port.name, gateway },
      deadline: "settled",
    },
  ];
}
