/** The Ansible inventory: what the playbooks know of the plan, and nothing they could look up themselves. */
import { stringify } from "yaml";
import type { GuestOs, Role } from "../kinds/kind.ts";
import type { Interface, Node, Plan } from "../plan/model.ts";
import { mostPrefixes } from "../plan/rails.ts";

/** What the plan cannot know. */
export interface InventoryOptions {
  /** Path of the generated ssh_config, through which Ansible reaches every node. */
  readonly sshConfig: string;
}

type Values = Readonly<Record<string, unknown>>;

/** YAML with a group for each role; the hypervisor itself is in none. */
export function renderInventory(plan: Plan, options: InventoryOptions): string {
  const nodes = plan.nodes.filter(({ reach }) => reach.via !== "local");
  const roles = [...new Set(nodes.map(({ role }) => role))];
  const inventory = {
    all: {
      vars: { ansible_ssh_common_args: `-F ${quoteWord(options.sshConfig)}` },
      children: Object.fromEntries(roles.map((role) => [role, { hosts: hostsOf(plan, nodes, role) }])),
    },
  };
  // Ansible reads YAML 1.1, where a bare `on`, `012` or `1:30` is not a string.
  return stringify(inventory, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });
}

function hostsOf(plan: Plan, nodes: readonly Node[], role: Role): Values {
  const members = nodes.filter((node) => node.role === role);
  return Object.fromEntries(members.map((node) => [node.name, hostValues(plan, node)]));
}

function hostValues(plan: Plan, node: Node): Values {
  return node.role === "leaf" ? { ...connection(node), ...leafValues(plan, node) } : connection(node);
}

const interpreters: Readonly<Record<GuestOs, string>> = {
  debian: "/usr/bin/python3",
  cumulus: "/usr/bin/python3",
  freebsd: "/usr/local/bin/python3",
  host: "/usr/bin/python3",
};

/** The host is the name: ssh_config turns it into an address and a way to get there. */
function connection(node: Node): Values {
  return {
    ansible_host: node.name,
    ansible_user: node.guest.login,
    ansible_python_interpreter: interpreters[node.guest.os],
    lab_backend: node.guest.backend,
  };
}

function leafValues(plan: Plan, node: Node): Values {
  const access = node.interfaces.filter(({ purpose }) => purpose === "access");
  const anycast = node.interfaces.filter(({ purpose }) => purpose === "anycast");
  const { bfd, connectS, advertiseS } = plan.timers;
  return {
    bgp_asn: node.bgp?.asn,
    anycast_asn: serverAsn(plan, node),
    anycast_prefixes: plan.services.map(({ prefix }) => prefix),
    anycast_max_prefixes: mostPrefixes,
    anycast_ports: anycast.map(({ name }) => name),
    access_ports: access.map(({ name, vlan }) => ({ name, vlan })),
    link_mtu: linkMtu([...access, ...anycast]),
    bfd: { multiplier: bfd.multiplier, tx_ms: bfd.transmitMs, rx_ms: bfd.receiveMs },
    connect_retry_s: connectS,
    ra_interval_s: advertiseS,
  };
}

/** All servers share one AS number; a leaf without servers gets the filter all the same. */
function serverAsn(plan: Plan, node: Node): number | undefined {
  const here = node.bgp?.neighbors.find(({ group }) => group === "anycast")?.remoteAsn;
  return here ?? plan.nodes.find(({ role }) => role === "server")?.bgp?.asn;
}

/** One MTU for the ports towards servers: the plan gives them the VLAN's. */
function linkMtu(ports: readonly Interface[]): number | undefined {
  return ports.length === 0 ? undefined : Math.min(...ports.map(({ mtu }) => mtu));
}

/** Ansible splits this variable the way a shell does. */
function quoteWord(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}
