/**
 * Every question a node is ever asked. Checks share them, so that a node runs each command once however many checks read
 * the answer. Linux spelling (iproute2, procps, iputils); FRR through vtysh, which answers in JSON.
 */
import type { Ask, Check, Question } from "./model.ts";

function json(...argv: string[]): Question {
  return { kind: "command", argv, format: "json" };
}

function text(...argv: string[]): Question {
  return { kind: "command", argv, format: "text" };
}

function waiting(question: Question): Question {
  return { ...question, waits: true };
}

/** The name that a node thinks it has. */
export const askHostname = text("hostname");
/** Links and addresses in one answer. */
export const askAddresses = json("ip", "-j", "address", "show");
/** IPv4 routes of the main table. */
export const askRoutes = json("ip", "-j", "route", "show");
/** Names of the daemons that vtysh reaches, in one line. */
export const askDaemons = text("vtysh", "-c", "show daemons");
export const askSessions = json("vtysh", "-c", "show bgp ipv4 unicast summary json");
export const askEvpnSessions = json("vtysh", "-c", "show bgp l2vpn evpn summary json");
/** Filters, counters and state of every neighbor; large, so asked of leaves only. */
export const askNeighbors = json("vtysh", "-c", "show bgp neighbors json");
/** Says whether the servers' AS is named by number, which a session that is up does not tell. */
export function askPeerGroup(group: string): Question {
  return json("vtysh", "-c", `show bgp peer-group ${group} json`);
}

/** The guard against router advertisements and DHCP answers of servers, `playbooks/roles/interfaces`. */
export const askServerGuard = json("nft", "-j", "list", "table", "bridge", "srvguard");
/** Changes nothing; the playbook's own probe of whether this kernel can hold the guard. */
export const askBridgeFamily = text(
  "nft",
  "-c",
  "add table bridge lab; add chain bridge lab c { type filter hook prerouting priority -200; }",
);
export const askBfd = json("vtysh", "-c", "show bfd peers json");
export const askVnis = json("vtysh", "-c", "show evpn vni json");
/** dnsmasq's database: expiry, MAC, address, name, client id. */
export const askLeases = text("cat", "/var/lib/misc/dnsmasq.leases");

/** All paths of one prefix. */
export function askPaths(prefix: string): Question {
  return json("vtysh", "-c", `show bgp ipv4 unicast ${prefix} json`);
}

/** In the order of the files. */
export function askChecksums(files: readonly string[]): Question {
  return text("sha256sum", ...files);
}

/** With names, since a key this kernel lacks leaves no line behind. */
export function askSysctls(keys: readonly string[]): Question {
  return text("sysctl", ...keys);
}

/** One ARP request; one second of patience is the least iputils takes. */
export function askArp(device: string, address: string): Question {
  return waiting(text("arping", "-c", "1", "-w", "1", "-I", device, address));
}

/** One probe per hop, over UDP, a second of patience each. */
export function askTrace(address: string, mostHops: number): Question {
  return waiting(text("traceroute", "-n", "-q", "1", "-w", "1", "-m", String(mostHops), address));
}

/** Three requests, 0.2 s apart. */
export function askPing(address: string): Question {
  return waiting(text("ping", "-n", "-c", "3", "-i", "0.2", "-W", "1", address));
}

/** Largest packet an MTU allows (IPv4 header 20, ICMP header 8), which routers may not split. */
export function askFullSizePing(address: string, mtu: number): Question {
  return waiting(text("ping", "-n", "-c", "1", "-W", "1", "-M", "do", "-s", String(mtu - 28), address));
}

/** The page, and on a line of its own the status. */
export function askPage(url: string): Question {
  return waiting(text("curl", "--silent", "--show-error", "--max-time", "3", "--write-out", "\\n%{http_code}", url));
}

/** One TCP connection per flow; answers `{ total, failed, servers: { name: count } }`. */
export function askFlows(url: string, count: number, servers: readonly string[]): Question {
  const flags = ["--url", url, "--count", String(count), "--concurrency", "32"];
  return waiting(json("node", "/usr/libexec/lab/flows.mjs", ...flags, ...servers));
}

/** Two asks with the same key have the same answer. */
export function askKey(ask: Ask): string {
  return JSON.stringify([ask.node, ...ask.question.argv]);
}

/** What one node is asked. */
export interface NodeQuestions {
  readonly node: string;
  readonly questions: readonly Question[];
}

/** What to ask each node so that all these checks can be judged: every question once, in the order of the checks. */
export function questionsOf(checks: readonly Check[]): readonly NodeQuestions[] {
  const byNode = new Map<string, Map<string, Question>>();
  for (const ask of checks.flatMap((check) => check.asks)) {
    const questions = byNode.get(ask.node) ?? new Map<string, Question>();
    byNode.set(ask.node, questions.set(askKey(ask), ask.question));
  }
  return [...byNode].map(([node, questions]) => ({ node, questions: [...questions.values()] }));
}
