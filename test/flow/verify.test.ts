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
