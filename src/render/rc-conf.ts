/**
 * FreeBSD's `/etc/rc.conf.local`, which is read after `rc.conf` and wins over what an image brings (a blocking
 * SYNCDHCP on every interface, a host name). The same on all servers.
 */
import { daemonsOf } from "../plan/daemons.ts";
import type { Interface, Node, Plan, Service } from "../plan/model.ts";
import { line, textOf } from "./line.ts";

/** Read after `rc.conf`: see rc.conf(5). */
export const rcConfPath = "/etc/rc.conf.local";
/** See dhclient.conf(5). */
export const dhclientPath = "/etc/dhclient.conf";

/** The whole file. */
export function renderRcConf(plan: Plan, node: Node): string {
  const services = plan.services.filter(({ name }) => node.services.includes(name));
  const loopbacks = [...new Set(services.map((service) => service.interface))];
  return textOf([
    "# Rendered by lab. Name and address come by DHCP: an empty name lets dhclient set it.",
    'hostname=""',
    ...node.interfaces.flatMap(portLines),
    ...(loopbacks.length === 0 ? [] : [line`cloned_interfaces="${loopbacks}"`]),
    ...loopbacks.flatMap((name) => loopbackLines(name, services)),
    'sshd_enable="YES"',
    ...(node.guest.frr === undefined ? [] : frrLines(daemonsOf(node))),
    ...(node.guest.web === undefined ? [] : ['apache24_enable="YES"']),
  ]);
}

/** rc(8) numbers further addresses of one interface from alias0. */
function loopbackLines(name: string, services: readonly Service[]): readonly string[] {
  const prefixes = services.filter((service) => service.interface === name).map(({ prefix }) => prefix);
  return prefixes.map((prefix, index) => {
    const key = index === 0 ? name : `${name}_alias${index - 1}`;
    return line`ifconfig_${key}="inet ${prefix}"`;
  });
}

/** mgmtd first, zebra second: the script starts them in this order. Without a TCP port, vtysh uses the sockets. */
function frrLines(daemons: readonly string[]): readonly string[] {
  return [
    'frr_enable="YES"',
    line`frr_daemons="${daemons}"`,
    ...daemons.map((daemon) => line`${daemon}_flags="-A 127.0.0.1 -P 0"`),
  ];
}

/** DHCP in the background, since the fabric may come up after the server. Never a default route from the leaf's RAs. */
function portLines({ name, dhcp, mtu }: Interface): readonly string[] {
  const ipv6 = line`ifconfig_${name}_ipv6="inet6 -ifdisabled auto_linklocal -accept_rtadv"`;
  if (dhcp !== undefined) return [line`ifconfig_${name}="DHCP"`, ipv6];
  return [line`ifconfig_${name}="up mtu ${mtu}"`, ipv6];
}

/** dhclient would rest five minutes after its first minute without an answer. */
export function renderDhclientConf(): string {
  return textOf(["timeout 10;", "retry 2;", "backoff-cutoff 2;", "initial-interval 1;"]);
}
