/** The raw baseline: the same plan and the same FRR configuration as `lab up`, laid out for `raw.sh`. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { linkBatch } from "../../src/drivers/netns/links.ts";
import type { Design } from "../../src/flow/design.ts";
import type { Node, Plan } from "../../src/plan/model.ts";
import { stepsOf } from "../../src/plan/steps.ts";
import { renderIpBatch } from "../../src/render/iproute.ts";

/** Writes the baseline's files. `configs`: `frr.conf` of each router as a finished `lab up` left it. */
export function layOutRaw(directory: string, { plan, checks }: Design, configs: ReadonlyMap<string, string>): void {
  const guests = plan.nodes.filter((node) => node.guest.os !== "host");
  const routers = guests.filter((node) => configs.has(node.name));
  const ports = guests.flatMap((node) => node.interfaces.map((port) => ({ node: node.name, interface: port.name })));
  const write = (name: string, lines: readonly string[]) =>
    writeFileSync(join(directory, name), lines.map((line) => `${line}\n`).join(""));
  // FRR's daemons read their files as user frr.
  chmodSync(directory, 0o755);
  write(
    "nodes",
    guests.map((node) => node.name),
  );
  write(
    "routers",
    routers.map((node) => node.name),
  );
  // The routes that `lab up` waits for.
  write(
    "routes",
    checks.flatMap(({ node, expect }) =>
      expect.kind === "nextHops" ? [`${node} ${expect.prefix} ${expect.hops.length}`] : [],
    ),
  );
  write(
    "netns.batch",
    guests.map((node) => `netns add ${node.name}`),
  );
  writeFileSync(join(directory, "links.batch"), linkBatch(plan, stepsOf(plan), ports));
  for (const node of guests) {
    mkdirSync(join(directory, node.name));
    write(
      `${node.name}/sysctl`,
      Object.entries(node.sysctls).map(([key, value]) => `${key} = ${value}`),
    );
    write(`${node.name}/ip.batch`, [renderIpBatch(plan, node), ...byHand(plan, node)]);
    write(
      `${node.name}/ports`,
      node.interfaces.filter(isUnnumbered).map((port) => port.name),
    );
    const config = configs.get(node.name);
    if (config === undefined) continue;
    const blocks = (pattern: RegExp) => blocksOf(config).filter((block) => pattern.test(block));
    write(`${node.name}/zebra.conf`, blocks(/^(interface|ip protocol|no ip|ip prefix-list|route-map)/));
    write(`${node.name}/bgpd.conf`, blocks(/^(?!interface|bfd|ip protocol|no ip|log)/));
    write(`${node.name}/bfdd.conf`, node.role === "leaf" || node.role === "server" ? blocks(/^bfd/) : []);
  }
}

function isUnnumbered({ purpose }: Node["interfaces"][number]): boolean {
  return purpose === "fabric" || purpose === "anycast";
}

/** What DHCP, the playbook and the guest's boot do in a lab. */
function byHand(plan: Plan, node: Node): string[] {
  const served = node.interfaces.filter(({ purpose }) => purpose === "access" || purpose === "anycast");
  const leased = node.interfaces.find((port) => port.dhcp !== undefined);
  const services = plan.services.filter((service) => node.services.includes(service.name));
  const gateway = plan.vlans[0]?.gateway.split("/")[0];
  return [
    ...served.map((port) => `link set ${port.name} up`),
    ...(leased?.dhcp === undefined
      ? []
      : [`address add ${leased.dhcp} dev ${leased.name}`, `route add default via ${gateway}`]),
    ...services.flatMap((service) => [
      `link add ${service.interface} type bridge`,
      `address add ${service.prefix} dev ${service.interface}`,
      `link set ${service.interface} up`,
    ]),
  ];
}

/** Top-level statements of a configuration, each with its indented lines and its `exit`. */
function blocksOf(config: string): string[] {
  const blocks: string[] = [];
  for (const line of config.split("\n")) {
    if (line.startsWith("!") || line === "") continue;
    if (line.startsWith(" ") || line === "exit") blocks.push(`${blocks.pop() ?? ""}\n${line}`);
    else blocks.push(line);
  }
  return blocks;
}
