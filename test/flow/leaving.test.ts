import { describe, expect, it } from "vitest";
import type { Observation } from "../../src/drivers/driver.ts";
import { describeLeaving, findLeaving, nobody } from "../../src/flow/leaving.ts";
import { planWork } from "../../src/flow/work.ts";
import { compilePlan } from "../../src/plan/compile.ts";
import type { Plan } from "../../src/plan/model.ts";
import type { Topology } from "../../src/topology/topology.ts";
import { fabricOf, without } from "../plan/topologies.ts";

const web = "172.20.0.1/32";
const compile = (topology: Topology): Plan => compilePlan(topology, { hypervisor: "netns" });

/** Everything of a plan, but for some guests that have died. */
function seenOf({ nodes, segments }: Plan, ...dead: readonly string[]): Observation {
  const guests = nodes.filter(({ name, guest }) => guest.os !== "host" && !dead.includes(name));
  const ports = guests.flatMap(({ name, interfaces }) =>
    interfaces.map((port) => ({ node: name, interface: port.name })),
  );
  return { running: true, guests: guests.map(({ name }) => name), ports, segments: segments.map(({ name }) => name) };
}

function leavingOf(before: Topology, after: Topology, ...dead: readonly string[]) {
  const [old, plan] = [compile(before), compile(after)];
  const seen = seenOf(old, ...dead);
  return findLeaving(old, plan, seen, planWork(old, plan, seen));
}

const withService = (topology: Topology, prefix: string, servers = topology.services[0]?.servers ?? []): Topology => ({
  ...topology,
  services: [...topology.services, { name: "api", prefix, servers, port: 80 }],
});

const full = fabricOf(2, 3, 2);

describe("a change", () => {
  it("that is none touches nobody", () => {
    expect(leavingOf(full, full)).toEqual({ ...nobody, addresses: ["172.20.0.1"] });
    const plan = compile(full);
    const seen: Observation = { running: false, guests: [], ports: [], segments: [] };
    expect(findLeaving(plan, plan, seen, planWork(plan, plan, seen))).toEqual(nobody);
  });

  it("with one leaf more has connections kept on the spines that get a next hop, and nobody leave", () => {
    const { servers, turns, routers, ports } = leavingOf(fabricOf(2, 2, 2), full);
    expect({ servers, turns, ports }).toEqual({ servers: [], turns: [], ports: [] });
    expect(routers).toEqual(["spine01", "spine02"]);
  });

  it("with one leaf less has its servers step back, spines turn to the others and give up their ports", () => {
    const leaving = leavingOf(full, without(full, "leaf03", "server05", "server06"));
    expect(leaving.servers).toEqual([
      { server: "server05", asn: 65300, prefixes: [web] },
      { server: "server06", asn: 65300, prefixes: [web] },
    ]);
    // Not the leaf: it goes on to deliver what was on its way.
    expect(leaving.turns).toEqual([
      { router: "spine01", prefix: web, ports: ["swp3", "swp4"] },
      { router: "spine02", prefix: web, ports: ["swp3", "swp4"] },
    ]);
    expect(leaving.routers).toEqual(["spine01", "spine02", "leaf03"]);
    expect(leaving.ports).toEqual([
      { router: "spine01", ports: ["swp5"] },
      { router: "spine02", ports: ["swp5"] },
    ]);
    expect(describeLeaving(leaving)).toContain(`server05 steps back from ${web}, and is waited for`);
  });

  it("with one server of two less concerns its leaf alone", () => {
    const leaving = leavingOf(full, without(full, "server04"));
    expect(leaving.servers.map(({ server }) => server)).toEqual(["server04"]);
    expect(leaving.turns).toEqual([{ router: "leaf02", prefix: web, ports: ["swp6"] }]);
    expect(leaving.routers).toEqual(["leaf02"]);
    expect(leaving.ports).toEqual([{ router: "leaf02", ports: ["swp8"] }]);
  });

  it("that takes a service off a server that stays has it step back from that service alone", () => {
    const some = ["server01", "server03"];
    const leaving = leavingOf(withService(full, "172.20.0.2/32"), withService(full, "172.20.0.2/32", some));
    expect(leaving.servers.map(({ server }) => server)).toEqual(["server02", "server04", "server05", "server06"]);
    expect(new Set(leaving.servers.flatMap(({ prefixes }) => prefixes))).toEqual(new Set(["172.20.0.2/32"]));
    expect(leaving.ports).toEqual([]);
  });

  it("of a prefix has nobody to hand over to, and leaves the other service alone", () => {
    const leaving = leavingOf(withService(full, "172.20.0.2/32"), withService(full, "172.20.0.3/32"));
    expect(leaving).toEqual({ ...nobody, addresses: ["172.20.0.1"] });
  });

  it("that takes the last servers waits for nobody", () => {
    const one = fabricOf(2, 2, 1);
    const { servers, turns } = leavingOf(one, withService(without(one, "server01", "server02"), "172.20.0.9/32", []));
    expect({ servers, turns }).toEqual({ servers: [], turns: [] });
  });

  it("asks nothing of a server that is dead, and keeps connections where it comes back", () => {
    const leaving = leavingOf(full, full, "server05", "server06");
    expect(leaving.servers).toEqual([]);
    expect(leaving.routers).toEqual(["spine01", "spine02", "leaf03"]);
  });
});
