/** Rows 8, 9 and 10: what the clients see. */
import { count } from "../count.ts";
import type { Node, Plan, Service, Vlan } from "../plan/model.ts";
import { withoutLength } from "../topology/ipv4.ts";
import { plannedShares, traceHops } from "./expected-traffic.ts";
import type { Check } from "./model.ts";
import { askFlows, askFullSizePing, askPage, askPing, askTrace } from "./questions.ts";

/** Flows of all clients together, at least. */
const leastFlows = 2000;
/** More than these only cost time, unless a server would get so few that it might get none by chance. */
const enoughFlows = 5000;
const leastFlowsPerServer = 24;
/** How far from its planned share a server's share may be, where the flows are enough to tell. */
const leastTolerance = 0.25;
/** Chance stays within this many standard deviations of a server's flows, about one in 100 000 times. */
const deviations = 4.3;
/** TTL of a packet as Linux and FreeBSD send it. */
const firstTtl = 64;
/** What every page says besides its server's name. */
const pageText = "It works!";

/** By service, then by VLAN. None of a service that nobody runs. */
export function trafficChecks(plan: Plan): readonly Check[] {
  const clients = plan.nodes.filter(({ role }) => role === "client");
  const counting = countingClients(plan);
  const served = plan.services.filter(({ servers }) => servers.length > 0);
  const checks = served.map((service) => [
    clients.flatMap((client) => checkWay(plan, client, service)),
    clients.map((client) => checkPage(client, service)),
    checkSpread(plan, counting, service),
  ]);
  return [...checks.flat(2), ...plan.vlans.flatMap((vlan) => checkFullSize(plan, vlan))];
}

/** Clients that can count flows: a hypervisor with FreeBSD need not have Node.js. */
export function countingClients(plan: Plan): readonly Node[] {
  return plan.nodes.filter(
    ({ role, guest }) => role === "client" && (plan.hypervisor === "netns" || guest.os !== "host"),
  );
}

function checkWay(plan: Plan, client: Node, service: Service): readonly Check[] {
  const hops = traceHops(plan, client, service);
  if (hops === undefined) return [];
  const address = withoutLength(service.prefix);
  const roles = hops.map(({ role }) => role).join(", ");
  return [
    {
      id: `trace/${client.name}/${service.name}`,
      row: 8,
      title: `${client.name} reaches ${address} by ${roles}`,
      node: client.name,
      asks: [{ node: client.name, question: askTrace(address, hops.length + 3) }],
      expect: {
        kind: "trace",
        hops: [...hops, { role: "service", candidates: [{ node: service.name, addresses: [address] }] }],
      },
      deadline: "traffic",
    },
    {
      id: `ping/${client.name}/${service.name}`,
      row: 8,
      title: `${client.name} gets every reply from ${address}, past ${hops.length} router${hops.length === 1 ? "" : "s"}`,
      node: client.name,
      asks: [{ node: client.name, question: askPing(address) }],
      expect: { kind: "ping", ttl: firstTtl - hops.length },
      deadline: "traffic",
    },
  ];
}

function checkPage(client: Node, service: Service): Check {
  return {
    id: `page/${client.name}/${service.name}`,
    row: 9,
    title: `${client.name} gets the page of ${service.name}`,
    node: client.name,
    asks: [{ node: client.name, question: askPage(urlOf(service)) }],
    expect: { kind: "http", servers: service.servers, text: pageText },
    deadline: "traffic",
  };
}

/** A server that the clients' gateways send nothing to must get nothing: a leaf with servers of its own sends no flow on. */
function checkSpread(plan: Plan, clients: readonly Node[], service: Service): readonly Check[] {
  const planned = Object.entries(plannedShares(plan, service)).filter(([, share]) => share > 0);
  if (planned.length === 0) return [];
  const shares = Object.fromEntries(planned);
  const least = Math.min(...Object.values(shares));
  const wanted = (deviations / leastTolerance) ** 2 / least;
  const total = Math.max(leastFlows, Math.min(wanted, enoughFlows), leastFlowsPerServer / least);
  const each = Math.ceil(total / clients.length);
  const tolerance = Math.max(leastTolerance, deviations / Math.sqrt(each * clients.length * least));
  const question = askFlows(urlOf(service), each, service.servers);
  const reached = planned.length === service.servers.length ? "every server" : count(planned.length, "server");
  return [
    {
      id: `spread/${service.name}`,
      row: 10,
      title: `${each * clients.length} flows of ${clients.length} client${clients.length === 1 ? "" : "s"} are spread over ${reached} of ${service.name}`,
      node: clients[0]?.name ?? "",
      asks: clients.map((client) => ({ node: client.name, question })),
      expect: { kind: "spread", shares, flows: each * clients.length, tolerance },
      deadline: "traffic",
    },
  ];
}

/** Each server pings the next one of its VLAN, so that every server sends and receives a full-size packet. */
function checkFullSize(plan: Plan, vlan: Vlan): readonly Check[] {
  const hosts = plan.nodes.flatMap((node) => {
    const port = node.interfaces.find((candidate) => candidate.vlan === vlan.name && candidate.dhcp !== undefined);
    return port?.dhcp === undefined ? [] : [{ name: node.name, address: withoutLength(port.dhcp) }];
  });
  if (hosts.length < 2) return [];
  return hosts.map((host, index): Check => {
    const next = hosts[(index + 1) % hosts.length] ?? host;
    return {
      id: `full-size/${host.name}/${vlan.name}`,
      row: 8,
      title: `${host.name} reaches ${next.name} with packets of ${vlan.mtu} bytes that may not be split`,
      node: host.name,
      asks: [{ node: host.name, question: askFullSizePing(next.address, vlan.mtu) }],
      expect: { kind: "ping" },
      deadline: "traffic",
    };
  });
}

/** Where clients get a service's page. */
export function urlOf(service: Service): string {
  const port = service.port === 80 ? "" : `:${service.port}`;
  return `http://${withoutLength(service.prefix)}${port}/`;
}
