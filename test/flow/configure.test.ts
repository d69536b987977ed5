import { describe, expect, it } from "vitest";
import { configureFabric, configureServers } from "../../src/flow/configure.ts";
import type { Design } from "../../src/flow/design.ts";
import type { JournalEvent } from "../../src/flow/journal.ts";
import type { Lab } from "../../src/flow/lab.ts";
import type { Role } from "../../src/kinds/kind.ts";
import { fakeFleet } from "../fakes/fleet.ts";
import { type FakeGuestNode, fakeGuestNode, guestNode, rendered } from "../fakes/guest.ts";
import { smallPlan } from "../verify/small-plan.ts";

const roles: Readonly<Record<string, Role>> = { spine01: "spine", leaf01: "leaf", server01: "server" };
const names = Object.keys(roles);

/** A design of one file for each of three nodes, and those nodes. */
function makeLab(text = "router bgp 1\n") {
  const nodes = new Map(names.map((name): [string, FakeGuestNode] => [name, fakeGuestNode({ name })]));
  const file = rendered("/etc/frr/frr.conf", text, "frr");
  const design: Design = {
    plan: { ...smallPlan, nodes: names.map((name) => ({ ...guestNode(name), role: roles[name] ?? "client" })) },
    files: names.map((name) => Object.assign({}, file, { node: name })),
    steps: [],
    checks: [],
  };
  const events: JournalEvent[] = [];
  const lab = { driver: {}, journal: { write: (event: JournalEvent) => events.push(event) } } as unknown as Lab;
  const told = () => Object.fromEntries(names.map((name) => [name, nodes.get(name)?.told()]));
  return { lab, events, nodes, design, fleet: fakeFleet([...nodes.values()]), told };
}

describe("configuring", () => {
  it("the fabric leaves the servers for their own stage", async () => {
    const { lab, design, fleet, told } = makeLab();
    const started = ["frr start", "frr load"];
    const fabric = ["spine01:/etc/frr/frr.conf", "leaf01:/etc/frr/frr.conf"];
    expect(await configureFabric(lab, design, fleet)).toEqual({ written: fabric });
    expect(told()).toEqual({ spine01: started, leaf01: started, server01: [] });
    expect(await configureServers(lab, design, fleet)).toEqual({ written: ["server01:/etc/frr/frr.conf"] });
    expect(told()).toEqual({ spine01: [], leaf01: [], server01: started });
  });

  it("does nothing a second time", async () => {
    const { lab, design, fleet, told } = makeLab();
    await configureFabric(lab, design, fleet);
    told();
    expect(await configureFabric(lab, design, fleet)).toEqual({ written: [] });
    expect(told()).toEqual({ spine01: [], leaf01: [], server01: [] });
  });

  it("asks one node to check what all have in common", async () => {
    const { lab, design, fleet, nodes } = makeLab();
    await configureFabric(lab, design, fleet);
    const checks = [...nodes.values()].flatMap((node) => node.commands.filter((line) => line.startsWith("check")));
    expect(checks).toHaveLength(1);
  });

  it("names every node that fails, and starts FRR on none of them", async () => {
    const { lab, events, design, fleet, nodes, told } = makeLab();
    for (const node of nodes.values()) node.write("/broken", "frr start\n");
    await expect(configureFabric(lab, design, fleet)).rejects.toMatchObject({
      code: "E_REMOTE_COMMAND",
      message: ["spine01", "leaf01"]
        .map((name) => `${name}: daemon frr start: exit code 1\n    frr is broken`)
        .join("\n"),
    });
    expect(told()).toEqual({ spine01: ["frr start"], leaf01: ["frr start"], server01: [] });
    // What was begun and has no end is what went wrong.
    expect(events.map(({ event }) => event)).toEqual(["begin", "begin"]);
  });
});
