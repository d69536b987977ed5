import { describe, expect, it } from "vitest";
import { LabError } from "../../src/errors.ts";
import { verifyFabric } from "../../src/flow/verify.ts";
import type { PlaybookOutcome } from "../../src/verify/model.ts";
import { fakeClock } from "../fakes/clock.ts";
import { fakeFleet } from "../fakes/nodes.ts";
import { designOf } from "../fakes/labs.ts";
import { duo } from "../render/topologies.ts";

const { checks } = designOf(duo);
const refused = new LabError({
  code: "E_PLAYBOOK",
  message: "anycast.yaml failed\n  leaf01: Apply: no such port",
  hint: "mend the cause",
});

async function playbookVerdict(played: PlaybookOutcome | Promise<PlaybookOutcome>, silent: readonly string[] = []) {
  const { verdicts } = await verifyFabric(checks, fakeFleet(silent), {
    clock: fakeClock(),
    signal: new AbortController().signal,
    patienceMs: 100,
    played,
    onProgress: () => undefined,
  });
  return verdicts.find(({ check }) => check === "playbook/leaves");
}

/** Looks at a fabric one of whose leaves is silent. */
const look = (callAgain: () => Promise<void>, clock = fakeClock()) =>
  verifyFabric(checks, fakeFleet(["leaf01"]), {
    clock,
    signal: new AbortController().signal,
    callAgain,
    patienceMs: 300,
    onProgress: () => undefined,
  });

describe("a hypervisor that nodes are reached through", () => {
  it("is called again when one of them is silent, and its time is not the fabric's", async () => {
    const clock = fakeClock();
    let calls = 0;
    await look(async () => {
      calls += 1;
      await clock.pause(60_000);
    }, clock);
    expect(calls).toBeGreaterThan(3);
    expect(calls).toBeLessThan(20);
  });

  it("ends the verification where it stays away", async () => {
    const away = new LabError({ code: "E_HYPERVISOR_LOST", message: "the connection to hv was lost" });
    await expect(look(() => Promise.reject(away))).rejects.toBe(away);
  });
});

describe("the playbook's check", () => {
  it("fails with Ansible's message when the playbook failed", async () => {
    expect(await playbookVerdict(Promise.resolve(refused))).toMatchObject({
      status: "fail",
      expected: "changed=0 on 1 leaves",
      seen: expect.stringContaining("leaf01: Apply: no such port"),
      hint: "mend the cause",
    });
  });

  it("is skipped when a leaf does not answer, which is a failure of its own", async () => {
    expect(await playbookVerdict(refused, ["leaf01"])).toMatchObject({
      status: "skip",
      reason: "leaf01 does not answer",
    });
    expect(await playbookVerdict(refused, ["server01"])).toMatchObject({ status: "fail" });
  });

  it("lets a bug through", async () => {
    const bug = Promise.reject<PlaybookOutcome>(new TypeError("a bug"));
    await expect(playbookVerdict(bug)).rejects.toThrow("a bug");
  });
});
