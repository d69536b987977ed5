/** Rows 2 and 3: identity of the servers, their identical configuration, running daemons. */
import { daemonsOf } from "../plan/daemons.ts";
import type { Interface, Node, Plan } from "../plan/model.ts";
import { withoutLength } from "../topology/ipv4.ts";
import type { Check, PlannedAddresses } from "./model.ts";
import { askAddresses, askChecksums, askDaemons, askLeases } from "./questions.ts";

/** Addresses and leases of servers, then files, then daemons of every BGP speaker. */
export function serverChecks(plan: Plan): readonly Check[] {
  const servers = plan.nodes.filter(({ role }) => role === "server");
  return [
    ...servers.flatMap((server) => [checkAddresses(server), ...checkLeases(plan, server)]),
    ...checkIdentical(servers),
    ...plan.nodes.flatMap(checkDaemons),
  ];
}

function checkAddresses(server: Node): Check {
  const ports = server.interfaces.filter(({ purpose }) => purpose !== "management");
  return {
    id: `addresses/${server.name}`,
    row: 2,
    title: `${server.name} has its planned MACs and addresses, and only a link-local address where BGP runs`,
    node: server.name,
    asks: [{ node: server.name, question: askAddresses }],
    expect: { kind: "addresses", interfaces: ports.map(plannedAddresses) },
    deadline: "settled",
  };
}

function plannedAddresses({ name, mac, linkLocal, dhcp, address }: Interface): PlannedAddresses {
  const ipv4 = [dhcp, address].filter((text) => text !== undefined);
  return { name, mac, linkLocal, ipv4 };
}

function checkLeases(plan: Plan, server: Node): readonly Check[] {
  return server.interfaces.flatMap((port): Check[] => {
    const dhcp = plan.vlans.find(({ name }) => name === port.vlan)?.dhcp;
    if (port.dhcp === undefined || dhcp === undefined) return [];
    return [
      {
        id: `lease/${server.name}/${port.name}`,
        row: 2,
        title: `${server.name} got its name and address from ${dhcp.server}`,
        node: server.name,
        asks: [{ node: dhcp.server, question: askLeases }],
        expect: { kind: "lease", mac: port.mac, address: withoutLength(port.dhcp), name: server.name },
        deadline: "settled",
      },
    ];
  });
}

function checkIdentical(servers: readonly Node[]): readonly Check[] {
  const routed = servers.filter(({ guest }) => guest.frr !== undefined);
  const directory = routed[0]?.guest.frr?.directory;
  if (directory === undefined) return [];
  // Which daemons run is said by rc.conf on FreeBSD.
  const daemons = routed[0]?.guest.os === "freebsd" ? "/etc/rc.conf.local" : `${directory}/daemons`;
  const files = [`${directory}/frr.conf`, daemons];
  return [
    {
      id: "identical/servers",
      row: 3,
      title: "all servers have byte-identical FRR files",
      node: routed[0]?.name ?? "",
      asks: routed.map((server) => ({ node: server.name, question: askChecksums(files) })),
      expect: { kind: "identical", files, nodes: routed.map(({ name }) => name) },
      deadline: "settled",
    },
  ];
}

function checkDaemons(node: Node): readonly Check[] {
  if (node.guest.frr === undefined || node.bgp === undefined) return [];
  const daemons = daemonsOf(node);
  return [
    {
      id: `daemons/${node.name}`,
      row: 3,
      title: `${node.name} runs ${daemons.join(", ")}`,
      node: node.name,
      asks: [{ node: node.name, question: askDaemons }],
      expect: { kind: "daemons", daemons },
      deadline: "settled",
    },
  ];
}
