/** Plan → the files of every node: the table of contents of this room. */
import type { Node, Plan, RenderedFile } from "../plan/model.ts";
import { renderHttpd, renderPage } from "./apache.ts";
import { dnsmasqPath, relayDefaultsPath, renderDhcpRelay, renderDhcpServer, renderRelayDefaults } from "./dnsmasq.ts";
import { renderFrrFiles } from "./frr.ts";
import { renderInterfaces } from "./interfaces.ts";
import { dhclientPath, rcConfPath, renderDhclientConf, renderRcConf } from "./rc-conf.ts";
import { line, textOf } from "./line.ts";
import { renderSysctl } from "./sysctl.ts";

/** All files of all nodes, in the order of the plan; none for the hypervisor itself. */
export function renderFiles(plan: Plan): readonly RenderedFile[] {
  return plan.nodes.flatMap((node) => renderNodeFiles(plan, node));
}

/** None for the hypervisor itself. */
function renderNodeFiles(plan: Plan, node: Node): readonly RenderedFile[] {
  if (node.guest.os === "host") return [];
  return [...bootFiles(plan, node), ...renderFrrFiles(plan, node), ...dhcpFiles(plan, node), ...webFiles(plan, node)];
}

type Written = Pick<RenderedFile, "path" | "text" | "applies" | "stage">;

function file(node: Node, written: Written): RenderedFile {
  const owner = node.guest.os === "freebsd" ? "root:wheel" : "root:root";
  return { node: node.name, mode: 0o644, owner, ...written };
}

function bootFiles(plan: Plan, node: Node): readonly RenderedFile[] {
  const { interfaces, os } = node.guest;
  // Without a control for interfaces, a change waits for the next boot.
  const boot = { stage: "boot", applies: interfaces === undefined ? "nothing" : "interfaces" } as const;
  if (os === "freebsd") {
    return [
      ...sysctlFiles(node, "/etc/sysctl.conf.local"),
      file(node, { ...boot, path: rcConfPath, text: renderRcConf(plan, node) }),
      file(node, { ...boot, path: dhclientPath, text: renderDhclientConf() }),
    ];
  }
  const path = interfaces?.path ?? "/etc/network/interfaces";
  return [
    ...sysctlFiles(node, "/etc/sysctl.d/90-lab.conf"),
    file(node, { ...boot, path, text: renderInterfaces(plan, node) }),
    ...loopbackFiles(plan, node),
  ];
}

function loopbackFiles(plan: Plan, node: Node): readonly RenderedFile[] {
  const { loopbacks } = node.guest;
  if (loopbacks === undefined || node.role !== "server") return [];
  const services = plan.services.filter(({ name }) => node.services.includes(name));
  const text = textOf(services.map((service) => line`${service.interface} ${service.prefix}`));
  return [file(node, { path: loopbacks.path, text, stage: "boot", applies: "loopbacks" })];
}

function sysctlFiles(node: Node, path: string): readonly RenderedFile[] {
  if (Object.keys(node.sysctls).length === 0) return [];
  return [file(node, { path, text: renderSysctl(node), stage: "boot", applies: "nothing" })];
}

function dhcpFiles(plan: Plan, node: Node): readonly RenderedFile[] {
  const dhcp = { stage: "fabric", applies: "dhcp" } as const;
  if (node.role === "dhcp") return [file(node, { ...dhcp, path: dnsmasqPath, text: renderDhcpServer(plan, node) })];
  const relayed = plan.vlans.filter((vlan) => vlan.dhcp !== undefined && vlan.leaves.includes(node.name));
  if (relayed.length === 0) return [];
  if (node.guest.os === "cumulus") {
    return [file(node, { ...dhcp, path: relayDefaultsPath, text: renderRelayDefaults(node, relayed) })];
  }
  return [file(node, { ...dhcp, path: dnsmasqPath, text: renderDhcpRelay(relayed) })];
}

function webFiles(plan: Plan, node: Node): readonly RenderedFile[] {
  const { web } = node.guest;
  if (web === undefined || plan.services.length === 0) return [];
  return [
    file(node, { path: web.conf, text: renderHttpd(plan, node, web), stage: "servers", applies: "web" }),
    file(node, {
      path: `${web.documentRoot}/index.html`,
      text: renderPage(node),
      stage: "servers",
      applies: "nothing",
    }),
  ];
}
