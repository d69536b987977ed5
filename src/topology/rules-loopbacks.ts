/** Written loopbacks: of routers, in the pool, one each. */
import type { Role } from "../kinds/kind.ts";
import type { Mistake } from "./mistake.ts";
import { addressOf, containsAddress, isHostAddress, subnetOf } from "./ipv4.ts";
import type { Rule, Subject } from "./subject.ts";
import { subnetFinder, usedSubnets } from "./subnets.ts";
import { withArticle } from "./words.ts";

const routers: ReadonlySet<Role> = new Set<Role>(["spine", "leaf", "edge"]);

interface Written {
  readonly name: string;
  readonly role: Role;
  readonly loopback: string;
}

function writtenLoopbacks({ topology }: Subject): readonly Written[] {
  return topology.nodes.flatMap(({ name, role, loopback }) =>
    loopback === undefined ? [] : [{ name, role, loopback }],
  );
}

const onlyRoutersHaveOne: Rule = (subject) =>
  writtenLoopbacks(subject)
    .filter(({ role }) => !routers.has(role))
    .map(({ name, role }) => ({
      path: ["nodes", name, "loopback"],
      message: `${name} is ${withArticle(role)} and has no loopback in the fabric`,
      hint: "Leave loopback out; addresses that servers share are anycast services",
    }));

const loopbacksAreInThePool: Rule = (subject) => {
  const pool = subject.topology.defaults.loopbacks;
  const find = subnetFinder(usedSubnets(subject.topology));
  return writtenLoopbacks(subject).flatMap(({ name, loopback }): readonly Mistake[] => {
    const address = addressOf(loopback);
    if (isHostAddress(subnetOf(pool), address)) return [];
    const path = ["nodes", name, "loopback"];
    const hint = `Take a host address of ${pool} (defaults.loopbacks), or leave loopback out`;
    if (containsAddress(subnetOf(pool), address)) {
      return [{ path, message: `${loopback} is the network or broadcast address of the loopback pool`, hint }];
    }
    const inside = find(address);
    const where = inside === undefined ? "is outside of the loopback pool" : `belongs to ${inside.owner}`;
    return [{ path, message: `the loopback ${loopback} ${where}`, hint }];
  });
};

const loopbacksDiffer: Rule = (subject) => {
  const owners = new Map<string, string>();
  return writtenLoopbacks(subject).flatMap(({ name, loopback }): readonly Mistake[] => {
    const owner = owners.get(loopback);
    owners.set(loopback, owner ?? name);
    if (owner === undefined) return [];
    const path = ["nodes", name, "loopback"];
    return [
      { path, message: `${name} has the loopback ${loopback} of ${owner}`, hint: "Change one, or leave both out" },
    ];
  });
};

/** The rules of this file, in the order they are told. */
export const loopbackRules: readonly Rule[] = [onlyRoutersHaveOne, loopbacksAreInThePool, loopbacksDiffer];
