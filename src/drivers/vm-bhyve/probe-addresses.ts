/**
 * Whether the lab's networks are free on the host. Its switches carry addresses of the host itself and lead routes, in the
 * one routing table that everything on the host uses: an overlap would cut off somebody, perhaps the user.
 */
import type { Node, Plan } from "../../plan/model.ts";
import type { HostFinding } from "../driver.ts";
import type { VmHost } from "./host.ts";
import { listInterfaces } from "./interfaces.ts";
import { type Inventory, oursOf } from "./inventory.ts";
import { tagGroup } from "./tags.ts";
import type { Owner } from "./conf.ts";

/** What somebody else has, and how to say so. */
interface Taken {
  /** With prefix length; without one it is a host. */
  readonly net: string;
  readonly shown: string;
  /** Of a route. */
  readonly via?: string;
}

const what = "networks";

export async function probeAddresses(
  host: VmHost,
  owner: Owner,
  plan: Plan,
  inventory: Inventory,
): Promise<readonly HostFinding[]> {
  const [addresses, routes] = await Promise.all([foreignAddresses(host, owner, inventory), readRoutes(host)]);
  const hosts = plan.nodes.filter(({ guest }) => guest.os === "host");
  const management = plan.segments.some(({ kind }) => kind === "management") ? [plan.management.host] : [];
  const findings = [
    ...judge(clashesOf(management, addresses, routes), "another defaults.management in the topology"),
    ...judge(
      hosts.flatMap((node) => clashesOfClient(node, addresses, routes)),
      wayOut(hosts),
    ),
  ];
  return [...(findings.length > 0 ? findings : [{ what, status: "good" } as const]), ...leftOut(plan)];
}

/** Addresses of the client that is the hypervisor itself, and what it routes into the lab. */
function clashesOfClient(node: Node, addresses: readonly Taken[], routes: readonly Taken[]): readonly string[] {
  const own = node.interfaces.flatMap(({ address }) => address ?? []);
  return [
    ...clashesOf(
      own,
      addresses,
      routes.filter(({ via }) => node.routes.every((route) => route.via !== via)),
    ),
    ...node.routes.flatMap(({ to, via }) =>
      clashesOf(
        [to],
        addresses,
        routes.filter((route) => route.via !== via),
      ),
    ),
  ];
}

function clashesOf(wanted: readonly string[], ...taken: readonly (readonly Taken[])[]): readonly string[] {
  return wanted.flatMap((text) => {
    const clash = taken.flat().find(({ net }) => overlaps(text, net));
    return clash === undefined ? [] : [`${text} is ${clash.shown}`];
  });
}

function judge(clashes: readonly string[], fix: string): readonly HostFinding[] {
  return clashes.length === 0 ? [] : [{ what, status: "missing", consequence: clashes.join(", "), fix }];
}

function wayOut(hosts: readonly Node[]): string {
  const names = hosts.map(({ name }) => name).join(", ");
  return `lab up --name OTHER, a copy without ${names}, or other subnets in the topology`;
}

function leftOut({ leftOut: nodes = [] }: Plan): readonly HostFinding[] {
  return nodes.map(({ node, why }) => ({ what: `client ${node}`, status: "fallback", consequence: why }));
}

/** Of interfaces that are not the lab's own switches. */
async function foreignAddresses(host: VmHost, owner: Owner, inventory: Inventory): Promise<readonly Taken[]> {
  const ours = new Set(oursOf(inventory, owner).switches.map(tagGroup));
  const others = (await listInterfaces(host)).filter(({ groups }) => !groups.some((group) => ours.has(group)));
  return others.flatMap(({ name, addresses }) =>
    addresses.map((text) => ({ net: text, shown: `on ${name} (${text})` })),
  );
}

/**
 * Routes by way of a router, the default one apart: nothing of the lab is in anybody's way there. netstat cuts names of
 * interfaces short, so that ours are known by their router.
 */
async function readRoutes(host: VmHost): Promise<readonly Taken[]> {
  const { stdout } = await host.run(["netstat", "-rn", "-f", "inet"], { timeoutMs: 10_000 });
  return stdout.split("\n").flatMap((line) => {
    const [to = "", via = ""] = line.split(/\s+/);
    return isAddress(to) && isAddress(via) ? [{ net: to, via, shown: `routed by ${via} (${to})` }] : [];
  });
}

/** IPv4, with or without prefix length: no `default`, no `link#3`. */
function isAddress(text: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+(?:\/\d+)?$/.test(text);
}

function overlaps(one: string, other: string): boolean {
  const [first, second] = [readNet(one), readNet(other)];
  const size = 2 ** (32 - Math.min(first.length, second.length));
  return Math.floor(first.address / size) === Math.floor(second.address / size);
}

function readNet(text: string): { readonly address: number; readonly length: number } {
  const [address = "", length = "32"] = text.split("/");
  return { address: address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0), length: Number(length) };
}
