/** Nodes by themselves: names, kinds, timers. */
import { defaultKinds, findKind, kinds } from "../kinds/registry.ts";
import type { Rule } from "./subject.ts";
import { listWords, withArticle } from "./words.ts";

/** Words that mean something else in an Ansible inventory, which has a group for each role. */
const reserved: ReadonlySet<string> = new Set(["all", "ungrouped", "localhost", ...Object.keys(defaultKinds)]);

const namesAreFree: Rule = ({ topology }) =>
  topology.nodes
    .filter((node) => reserved.has(node.name))
    .map((node) => ({
      path: ["nodes", node.name],
      at: "key",
      message: `a node cannot be called ${node.name}`,
      hint: `Ansible gives this name a meaning of its own; take another, such as ${node.role}01`,
    }));

const kindsFitRoles: Rule = ({ topology }) =>
  topology.nodes.flatMap((node) => {
    const kind = findKind(node.kind);
    if (kind === undefined || kind.roles.includes(node.role)) return [];
    const fitting = kinds.filter((other) => other.roles.includes(node.role)).map((other) => other.name);
    return {
      path: ["nodes", node.name, "kind"],
      message: `${node.name} is ${withArticle(node.role)}, and ${node.kind} cannot be one`,
      hint: `Kinds for this role: ${listWords(fitting)}`,
    };
  });

const oneHypervisor: Rule = ({ topology }) =>
  topology.nodes
    .filter((node) => node.kind === "hypervisor")
    .slice(1)
    .map((node) => ({
      path: ["nodes", node.name, "kind"],
      message: `${node.name} is a second hypervisor`,
      hint: "There is one machine the lab runs on; give the others another kind",
    }));

/** FRR lowers a keepalive of more than a third of the hold time by itself (RFC 4271, 10); better said than done. */
const holdOutlastsKeepalive: Rule = ({ topology }) => {
  const { keepaliveS, holdS } = topology.defaults.timers;
  if (holdS >= 3 * keepaliveS) return [];
  return [
    {
      path: ["defaults", "timers", "hold"],
      message: `a hold time of ${holdS} s is less than three keepalives of ${keepaliveS} s`,
      hint: `Make hold at least ${3 * keepaliveS}, or keepalive at most ${Math.floor(holdS / 3)}`,
    },
  ];
};

/** The rules of this file, in the order they are told. */
export const nodeRules: readonly Rule[] = [namesAreFree, kindsFitRoles, oneHypervisor, holdOutlastsKeepalive];
