/** `lab plan` for people: what will be there, before anything is made. */
import { keyOf } from "../plan/end.ts";
import type { Interface, Node, Plan, Segment } from "../plan/model.ts";
import { type LayoutOptions, type Paint, plain } from "./paint.ts";
import { formatTexts } from "./table.ts";
import { truncate } from "./width.ts";

/** Numbers that other rooms know. */
export interface PlanCounts {
  readonly steps: number;
  readonly checks: number;
}

/** Lines without line breaks: a headline, then tables of nodes, segments, VLANs and services. */
export function formatPlan(plan: Plan, counts: PlanCounts, options: LayoutOptions = {}): readonly string[] {
  const { paint = plain, width } = options;
  const fit = (line: string) => (width === undefined ? line : truncate(line, width));
  return [
    formatHeadline(plan, counts, paint),
    ...(plan.leftOut ?? []).map(({ node, why }) => fit(`without ${node}: ${why}`)),
    "",
    ...formatTexts(
      ["NODE", "ROLE", "KIND", "AS", "LOOPBACK", "REACHED AT", "SERVICES"],
      plan.nodes.map(nodeCells),
      options,
    ),
    "",
    ...formatTexts(
      ["SEGMENT", "KIND", "MTU", "ENDS"],
      plan.segments.map((segment) => segmentCells(plan, segment)),
      options,
    ),
    ...formatVlans(plan, options),
    ...formatServices(plan, options),
  ];
}

function formatHeadline({ lab, hypervisor, nodes, segments }: Plan, counts: PlanCounts, paint: Paint): string {
  const numbers = [
    [nodes.length, "node"],
    [segments.length, "segment"],
    [counts.steps, "step"],
    [counts.checks, "check"],
  ] as const;
  const parts = numbers.map(([number, noun]) => `${number} ${noun}${number === 1 ? "" : "s"}`);
  return `${paint("bold", lab)} on ${hypervisor}: ${parts.join(", ")}`;
}

function nodeCells({ name, role, kind, bgp, loopback, reach, services }: Node): readonly string[] {
  const place = reach.via === "local" ? "here" : `${reach.address} (${reach.via})`;
  return [name, role, kind, String(bgp?.asn ?? "-"), loopback ?? "-", place, services.join(" ") || "-"];
}

function segmentCells(plan: Plan, { name, kind, mtu, ends }: Segment): readonly string[] {
  const described = ends.map((end) => {
    const node = plan.nodes.find((candidate) => candidate.name === end.node);
    return describeEnd(
      keyOf(end),
      node?.interfaces.find((port) => port.name === end.interface),
    );
  });
  return [name, kind, String(mtu), described.join(kind === "link" ? " — " : " ")];
}

/** `leaf01:swp6`, with the address where there is one: `server01:em0 172.16.0.101/24 by DHCP`. */
function describeEnd(where: string, port: Interface | undefined): string {
  if (port?.purpose === "management") return where;
  if (port?.address !== undefined) return `${where} ${port.address}`;
  return port?.dhcp === undefined ? where : `${where} ${port.dhcp} by DHCP`;
}

function formatVlans({ vlans }: Plan, options: LayoutOptions): readonly string[] {
  if (vlans.length === 0) return [];
  const rows = vlans.map(({ name, id, vni, subnet, gateway, mtu, leaves, dhcp }) => [
    name,
    String(id),
    String(vni),
    subnet,
    gateway,
    String(mtu),
    dhcp?.server ?? "-",
    leaves.join(" "),
  ]);
  return ["", ...formatTexts(["VLAN", "ID", "VNI", "SUBNET", "GATEWAY", "MTU", "DHCP", "LEAVES"], rows, options)];
}

function formatServices({ services }: Plan, options: LayoutOptions): readonly string[] {
  if (services.length === 0) return [];
  const rows = services.map(({ name, prefix, port, interface: loopback, servers }) => [
    name,
    prefix,
    String(port),
    loopback,
    servers.join(" "),
  ]);
  return ["", ...formatTexts(["SERVICE", "PREFIX", "PORT", "ON", "SERVERS"], rows, options)];
}
