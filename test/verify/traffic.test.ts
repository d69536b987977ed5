import { describe, expect, it, test } from "vitest";
import { compilePlan } from "../../src/plan/compile.ts";
import type { Plan } from "../../src/plan/model.ts";
import type { Topology } from "../../src/topology/topology.ts";
import { checksOf } from "../../src/verify/checks.ts";
import { plannedShares, traceHops } from "../../src/verify/expected-traffic.ts";
import { fabricOf, link, network, node, withNode } from "../plan/topologies.ts";
import { smallPlan } from "./small-plan.ts";

const compile = (topology: Topology): Plan => compilePlan(topology, { hypervisor: "netns" });

/** The same fabric without the links between these pairs of nodes. */
function unlinked(topology: Topology, ...pairs: readonly string[]): Topology {
  const links = topology.links.filter(({ ends: [one, other] }) => !pairs.includes(`${one.node} ${other.node}`));
  return { ...topology, links };
}

/** More links between these ports. */
function linked(topology: Topology, ...links: Topology["links"]): Topology {
  return { ...topology, links: [...topology.links, ...links] };
}

function sharesOf(plan: Plan): Readonly<Record<string, number>> | undefined {
  const [web] = plan.services;
  return web && plannedShares(plan, web);
}

/** Roles of the routers on the laptop's way. */
function wayOf(plan: Plan): readonly string[] | undefined {
  const laptop = plan.nodes.find(({ name }) => name === "laptop");
  const [web] = plan.services;
  const hops = laptop && web && traceHops(plan, laptop, web);
  return hops?.map(({ candidates }) => candidates.map((candidate) => candidate.node).join(" "));
}

function nextHopsOf(plan: Plan, router: string): readonly string[] {
  const expectation = checksOf(plan).find(({ id }) => id === `next-hops/${router}/web`)?.expect;
  return expectation?.kind === "nextHops" ? expectation.hops.map((hop) => `${hop.device} ${hop.node}`) : [];
}

const square = fabricOf(2, 2, 1);
const lan = (gateway: string, port: string) =>
  network("lan", "192.168.10.0/24", { [`${gateway}:${port}`]: 254, "laptop:eth1": 10, "dhcp01:eth1": 5 }, gateway);
const onlyLaptop = (topology: Topology): Topology => ({
  ...topology,
  nodes: topology.nodes.filter(({ name }) => !["hypervisor", "router01"].includes(name)),
  links: topology.links.filter(({ ends }) => ends.every((end) => end.node !== "router01")),
});

describe("shares of flows", () => {
  test.each<[string, Topology, Readonly<Record<string, number>>]>([
    ["are equal where the fabric is symmetric", square, { server01: 0.5, server02: 0.5 }],
    [
      "follow a leaf that hangs on one spine only",
      unlinked(square, "spine02 leaf01"),
      { server01: 0.25, server02: 0.75 },
    ],
    [
      "count parallel links between leaf and spine",
      linked(fabricOf(1, 2, 1), link("spine01:swp9 leaf02:swp9")),
      { server01: 1 / 3, server02: 2 / 3 },
    ],
    [
      "count parallel links between leaf and server",
      linked(fabricOf(1, 1, 2), link("leaf01:swp9 server02:em2")),
      { server01: 1 / 3, server02: 2 / 3 },
    ],
    [
      "are those of the gateway's own servers where it is a leaf",
      { ...onlyLaptop(square), networks: [lan("leaf02", "swp9")] },
      { server01: 0, server02: 1 },
    ],
    [
      "pass through a spine that is the gateway",
      { ...onlyLaptop(unlinked(square, "spine02 leaf01")), networks: [lan("spine02", "swp9")] },
      { server01: 0, server02: 1 },
    ],
  ])("%s", (_, topology, shares) => {
    const planned = sharesOf(compile(topology)) ?? {};
    expect(Object.keys(planned)).toEqual(Object.keys(shares));
    for (const [server, share] of Object.entries(shares)) expect(planned[server]).toBeCloseTo(share);
  });

  it("give each server of a smaller leaf more", () => {
    expect(sharesOf(smallPlan)).toEqual({ server01: 0.25, server02: 0.5, server03: 0.25 });
  });

  it("are the mean of clients with different gateways", () => {
    const two = {
      ...onlyLaptop(square),
      nodes: [...onlyLaptop(square).nodes, node("phone", "client")],
      networks: [
        lan("leaf01", "swp9"),
        network("wlan", "192.168.20.0/24", { "edge01:swp9": 254, "phone:eth1": 10 }, "edge01"),
      ],
    };
    expect(sharesOf(compile(two))).toEqual({ server01: 0.75, server02: 0.25 });
  });

  it("are asked only of servers that get one", () => {
    const plan = compile({ ...onlyLaptop(square), networks: [lan("leaf02", "swp9")] });
    const check = checksOf(plan).find(({ id }) => id === "spread/web");
    expect(check).toMatchObject({ expect: { shares: { server02: 1 }, flows: 2000 } });
    expect(check?.title).toBe("2000 flows of 1 client are spread over 1 server of web");
  });

  it("are not asked of clients that have no way", () => {
    const lost = withNode(square, "laptop", { routes: [{ to: "172.20.0.1/32", via: "192.168.10.99" }] });
    expect(wayOf(compile(lost))).toBeUndefined();
    expect(sharesOf(compile(lost))).toEqual({ server01: 0.5, server02: 0.5 });
  });
});

describe("the way of a packet", () => {
  it("goes through the routers that forward it", () => {
    expect(wayOf(compile(unlinked(square, "spine02 leaf01")))).toEqual([
      "router01",
      "edge01",
      "spine01 spine02",
      "leaf01 leaf02",
    ]);
  });

  it("is none where static routes go in a circle", () => {
    const circle = withNode(square, "router01", { routes: [{ to: "172.20.0.1/32", via: "192.168.10.254" }] });
    expect(wayOf(compile(circle))).toBeUndefined();
  });
});

describe("a router learns the service from nobody who keeps it", () => {
  /** Only leaf01 has a server, and spine02 is not linked to it. */
  const lopsided = unlinked(
    { ...square, services: [{ name: "web", prefix: "172.20.0.1/32", servers: ["server01"], port: 80 }] },
    "spine02 leaf01",
  );

  it("from no leaf that has it from a spine, and from no edge", () => {
    const plan = compile(lopsided);
    expect(nextHopsOf(plan, "leaf02")).toEqual(["swp1 spine01"]);
    expect(nextHopsOf(plan, "spine02")).toEqual([]);
    expect(nextHopsOf(plan, "edge01")).toEqual(["swp2 spine01"]);
  });

  it("though a border leaf tells its edge", () => {
    const border = linked(
      unlinked(lopsided, "spine01 edge01", "spine02 edge01"),
      link("leaf02:swp8 edge01:swp8", { subnet: "10.0.8.0/30" }),
    );
    expect(nextHopsOf(compile(border), "edge01")).toEqual(["swp8 leaf02"]);
  });
});
