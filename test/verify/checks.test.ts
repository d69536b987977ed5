import { describe, expect, it, test } from "vitest";
import type { Backend } from "../../src/kinds/kind.ts";
import type { Plan } from "../../src/plan/model.ts";
import { checksOf } from "../../src/verify/checks.ts";
import type { Check, Expectation, ExpectationKind } from "../../src/verify/model.ts";
import { askKey, questionsOf } from "../../src/verify/questions.ts";
import { anycast, anycastDense, duo, onNetns } from "../render/topologies.ts";
import { smallPlan } from "./small-plan.ts";

const reference = onNetns(anycast);
const plans = [duo, anycast, anycastDense].map(onNetns);

function expectationOf<Kind extends ExpectationKind>(plan: Plan, id: string, kind: Kind): Expectation<Kind> {
  const found = checksOf(plan).find((check) => check.id === id)?.expect;
  if (found?.kind !== kind) throw new Error(`${id} is not a check of kind ${kind}`);
  return found as Expectation<Kind>;
}

const hops = (node: string) =>
  expectationOf(reference, `next-hops/${node}/web`, "nextHops").hops.map(({ device, node: through }) => [
    device,
    through,
  ]);
const withServers = (servers: readonly string[]): Plan => ({
  ...smallPlan,
  services: smallPlan.services.map((service) => ({ ...service, servers })),
});
const idsOf = (checks: readonly Check[]) => checks.map(({ id }) => id);

/** What a leaf's rails are checked for, by the back end that sets them. */
function guardsOf(backend: Backend) {
  const nodes = smallPlan.nodes.map((node) => ({ ...node, guest: { ...node.guest, backend } }));
  const rails = checksOf({ ...smallPlan, nodes }).filter(({ row }) => row === 12);
  const { routeMapIn, alarm } = expectationOf({ ...smallPlan, nodes }, "guards/leaf01/swp6", "guards");
  return { routeMapIn, alarm: alarm?.prefixes, kinds: new Set(rails.map(({ expect: { kind } }) => kind)) };
}

describe.each(plans)("the checks of $lab", (plan) => {
  const checks = checksOf(plan);

  test("are as reviewed", async () => {
    const lines = checks.map((check) => `  ${JSON.stringify(check)}`);
    await expect(`[\n${lines.join(",\n")}\n]\n`).toMatchFileSnapshot(`../golden/${plan.lab}/netns/checks.json`);
  });

  test("have ids of their own, and cover every row but the drill's", () => {
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
    expect([...new Set(checks.map(({ row }) => row))]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12]);
  });

  test("ask only nodes of the plan, by argv", () => {
    const names = new Set(plan.nodes.map(({ name }) => name));
    for (const { node, question } of checks.flatMap((check) => check.asks)) {
      expect(names).toContain(node);
      expect(question.argv.every((word) => word !== "" && !/undefined|NaN/.test(word))).toBe(true);
    }
  });

  test("are batched so that a node is asked each question once", () => {
    const batches = questionsOf(checks);
    const asked = batches.flatMap(({ node, questions }) => questions.map((question) => askKey({ node, question })));
    expect(new Set(asked).size).toBe(asked.length);
    expect(new Set(asked)).toEqual(new Set(checks.flatMap((check) => check.asks.map(askKey))));
    expect(new Set(batches.map(({ node }) => node)).size).toBe(batches.length);
  });
});

describe("in the reference fabric", () => {
  it("a spine has one next hop per leaf, on swp3 to swp6", () => {
    expect(hops("spine01")).toEqual([
      ["swp3", "leaf01"],
      ["swp4", "leaf02"],
      ["swp5", "leaf03"],
      ["swp6", "leaf04"],
    ]);
  });

  it("next hops are the article's link-local addresses", () => {
    const [leaf01] = expectationOf(reference, "next-hops/spine01/web", "nextHops").hops;
    expect(leaf01?.via).toBe("fe80::5a9c:fcff:fe01:5381");
    const [server01] = expectationOf(reference, "next-hops/leaf01/web", "nextHops").hops;
    expect(server01).toEqual({ device: "swp6", via: "fe80::5a9c:fcff:fe04:714e", node: "server01" });
  });

  it("the edge goes through both spines", () => {
    expect(hops("edge01").map(([, through]) => through)).toEqual(["spine01", "spine02"]);
  });

  it("packets of every client take the article's hops and come back with its TTL", () => {
    for (const client of ["laptop", "hypervisor", "fileserver"]) {
      const { hops: way } = expectationOf(reference, `trace/${client}/web`, "trace");
      expect(way.map(({ role }) => role)).toEqual(["router", "edge", "spine", "leaf", "service"]);
      const addresses = way.map(({ candidates }) => candidates.flatMap((candidate) => candidate.addresses));
      for (const [index, address] of [
        "192.168.10.254",
        "10.200.0.2",
        "10.0.3.1",
        "10.100.0.3",
        "172.20.0.1",
      ].entries()) {
        expect(addresses[index]).toContain(address);
      }
      expect(expectationOf(reference, `ping/${client}/web`, "ping").ttl).toBe(60);
    }
  });

  it("2000 flows are shared by the three clients", () => {
    expect(expectationOf(reference, "spread/web", "spread")).toMatchObject({
      flows: 2001,
      shares: { server01: 0.25, server02: 0.25, server03: 0.25, server04: 0.25 },
    });
  });
});

describe("elsewhere", () => {
  it("a leaf without a server goes up to the spines", () => {
    expect(expectationOf(withServers(["server02"]), "next-hops/leaf01/web", "nextHops").hops).toEqual([
      { device: "swp1", via: "fe80::5a9c:fcff:fe00:5", node: "spine01" },
    ]);
    expect(expectationOf(withServers(["server02"]), "port/leaf01/swp6", "port").prefixes).toBe(0);
  });

  it("a service without servers has nothing to check", () => {
    expect(idsOf(checksOf(withServers([]))).filter((id) => id.endsWith("/web"))).toEqual([]);
  });

  it("a leaf is asked for the rails that its back end has words for", () => {
    expect(guardsOf("frr")).toEqual({ routeMapIn: "FROM-SERVER", alarm: 8, kinds: new Set(["guards", "serverGuard"]) });
    expect(guardsOf("nvue")).toEqual({ routeMapIn: "FROMSERVER", alarm: 8, kinds: new Set(["guards"]) });
    expect(guardsOf("nclu")).toEqual({ routeMapIn: undefined, alarm: undefined, kinds: new Set(["guards"]) });
  });
});
