import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { LabError } from "../../src/errors.ts";
import { configureFabric, playAnycast } from "../../src/flow/configure.ts";
import type { Design } from "../../src/flow/design.ts";
import type { Lab } from "../../src/flow/lab.ts";
import { mostLosses } from "../../src/flow/losses.ts";
import { locateState } from "../../src/flow/state.ts";
import { fakeExec, type Reply } from "../fakes/exec.ts";
import { fakeFleet } from "../fakes/fleet.ts";
import { fakeGuestNode, guestNode, rendered } from "../fakes/guest.ts";
import { makePlace } from "../fakes/place.ts";
import { smallPlan } from "../verify/small-plan.ts";

const away = new LabError({ code: "E_HYPERVISOR_LOST", message: "the connection to ssh://hv was lost" });
const files = [
  rendered("/etc/network/interfaces", "auto swp1\n", "interfaces"),
  rendered("/etc/frr/frr.conf", "router bgp 1\n", "frr"),
];
const design: Design = {
  plan: { ...smallPlan, nodes: [{ ...guestNode("leaf01"), role: "leaf" }] },
  files,
  steps: [],
  checks: [],
};

interface Given {
  /** Connections that are cut at a command, and which. */
  readonly cuts?: number;
  readonly at?: string;
  readonly callAgain?: (() => Promise<void>) | undefined;
  readonly replies?: readonly Reply[];
}

/** A leaf behind a hypervisor, whose connection is lost. */
function makeLab({ cuts = 1, at = "interfaces apply", replies = [], ...given }: Given) {
  let left = cuts;
  let calls = 0;
  const node = fakeGuestNode({
    script: (command) => {
      if (left === 0 || !command.includes(at)) return undefined;
      left -= 1;
      node.cut();
      return "hangs";
    },
  });
  const exec = fakeExec(() => replies[exec.calls.length - 1]);
  const callAgain = async () => {
    calls += 1;
    await given.callAgain?.();
  };
  const lab = {
    journal: { write: () => undefined },
    state: locateState(makePlace(), "duo"),
    world: { exec, playbooks: "/lab", signal: new AbortController().signal },
    driver: "callAgain" in given && given.callAgain === undefined ? {} : { callAgain },
  } as unknown as Lab;
  const fleet = fakeFleet([node]);
  return { node, fleet, exec, lab, calls: () => calls, configure: () => configureFabric(lab, design, fleet) };
}

const recorded = (name: string) =>
  readFileSync(new URL(`../remote/ansible-2.14/${name}`, import.meta.url).pathname, "utf8");
const cutOff = { exitCode: 4, stdout: recorded("unreachable.txt").replaceAll("leaf03", "leaf02") };

describe("configuring a node whose connection is lost", () => {
  it.each([
    ["check frr", []],
    ["interfaces apply", []],
    // Nobody knows any more whether the interfaces have been told.
    ["frr start", ["interfaces apply"]],
  ])(
    "is begun anew at the next, once the hypervisor answers, and ends as if nothing had been: at %s",
    async (at, before) => {
      const { node, fleet, configure, calls } = makeLab({ at });
      expect(await configure()).toEqual({ written: expect.arrayContaining(["leaf01:/etc/frr/frr.conf"]) as string[] });
      expect(node.told()).toEqual([...before, "interfaces apply", "frr start", "frr load"]);
      expect(files.map((file) => [node.read(file.path), node.modeOf(file.path)])).toEqual(
        files.map(({ text, mode }) => [text, mode]),
      );
      expect({ calls: calls(), tries: fleet.tries }).toEqual({ calls: 1, tries: ["leaf01", "leaf01"] });
      expect(await configure()).toEqual({ written: [] });
    },
  );

  it("waits for what the lost connection has begun", async () => {
    const { node, configure } = makeLab({});
    node.write("/busy", "");
    node.program("sleep", 'echo waited >>"$ROOT/told"; rm "$ROOT/busy"');
    await configure();
    expect(node.told()).toEqual(["waited", "interfaces apply", "frr start", "frr load"]);
  });

  it("ends with the hypervisor's error where that stays away", async () => {
    const { configure } = makeLab({ callAgain: () => Promise.reject(away) });
    await expect(configure()).rejects.toBe(away);
  });

  it("is given up where every connection is lost", async () => {
    const { configure, calls } = makeLab({ cuts: 100 });
    await expect(configure()).rejects.toMatchObject({ code: "E_CONNECTION_LOST", node: "leaf01" });
    expect(calls()).toBe(mostLosses);
  });

  it("fails at once where no other machine is on the way: the node itself is gone", async () => {
    const { configure, fleet } = makeLab({ callAgain: undefined });
    await expect(configure()).rejects.toMatchObject({ code: "E_CONNECTION_LOST", node: "leaf01" });
    expect(fleet.tries).toEqual(["leaf01"]);
  });
});

describe("a playbook whose leaves are cut off", () => {
  it("is played again once they answer; whoever was cut off may have changed", async () => {
    const again = { stdout: recorded("changed.txt").replaceAll(/changed=\d/g, "changed=0") };
    const { lab, fleet, exec, calls } = makeLab({ replies: [cutOff, cutOff, again] });
    expect(await playAnycast(lab, design, fleet, () => undefined)).toEqual({
      leaf01: { changed: 2, failed: 0 },
      leaf02: { changed: 2, failed: 0 },
    });
    expect({ runs: exec.calls.length, calls: calls() }).toEqual({ runs: 3, calls: 2 });
  });

  it("is not played again where something else is wrong, or nothing is on the way", async () => {
    const failed = { exitCode: 2, stdout: recorded("failed.txt") };
    const wrong = makeLab({ replies: [failed] });
    await expect(playAnycast(wrong.lab, design, wrong.fleet, () => undefined)).rejects.toMatchObject({
      code: "E_PLAYBOOK",
    });
    const direct = makeLab({ replies: [cutOff], callAgain: undefined });
    await expect(playAnycast(direct.lab, design, direct.fleet, () => undefined)).rejects.toMatchObject({
      code: "E_PLAYBOOK",
    });
    expect([wrong.exec.calls.length, direct.exec.calls.length]).toEqual([1, 1]);
  });

  it("runs on few leaves at once where each connection is one to the hypervisor first", async () => {
    const nodes = Array.from({ length: 40 }, (_, index) => ({ ...guestNode(`leaf${index}`), role: "leaf" as const }));
    const wide = { ...design, plan: { ...design.plan, nodes } };
    const good = [{ stdout: recorded("changed.txt") }];
    const behind = makeLab({ replies: good });
    await playAnycast(behind.lab, wide, behind.fleet, () => undefined);
    const here = makeLab({ replies: good, callAgain: undefined });
    await playAnycast(here.lab, wide, here.fleet, () => undefined);
    expect([behind, here].map(({ exec }) => exec.lines()[0])).toEqual([
      expect.stringContaining("--forks 8 "),
      expect.stringContaining("--forks 32 "),
    ]);
  });
});
