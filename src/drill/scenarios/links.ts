/** Links that fail: the port of one end goes down, and what the other end sees of it depends on the hypervisor. */
import type { Interface, Node, Plan } from "../../plan/model.ts";
import { bfdMs, cableMs, holdMs } from "../limits.ts";
import type { Fault, Scenario } from "../model.ts";
import { setPort } from "../words.ts";
import { serversOf, servingLeaves, spinesOf } from "./victims.ts";

/** One fault for each of these ports. */
function portsDown(node: Node, ports: readonly Interface[], turnWithinMs: number): readonly Fault[] {
  return ports.map((port) => ({
    title: `${port.name} of ${node.name} goes down`,
    node: node.name,
    acts: [setPort(node, port, "down")],
    repair: [setPort(node, port, "up")],
    lost: { segments: [port.segment] },
    turnWithinMs,
  }));
}

function portsFor(node: Node, purpose: Interface["purpose"]): readonly Interface[] {
  return node.interfaces.filter((port) => port.purpose === purpose);
}

export const serverLinkDown: Scenario = {
  name: "server-link-down",
  summary: "a server's port towards its leaf goes down, then up",
  faults: (plan, service) =>
    serversOf(plan, service).flatMap((server) => portsDown(server, portsFor(server, "anycast"), cableMs(plan, bfdMs))),
};

export const uplinkDown: Scenario = {
  name: "uplink-down",
  summary: "a leaf's port towards a spine goes down, then up",
  faults(plan: Plan, service) {
    if (spinesOf(plan).length < 2) return { unfit: "there is one spine, and no other way to a leaf" };
    return servingLeaves(plan, service).flatMap((leaf) =>
      portsDown(leaf, portsFor(leaf, "fabric"), cableMs(plan, holdMs)),
    );
  },
};
