import { describe, expect, it } from "vitest";
import type { JournalEvent } from "../../src/flow/journal.ts";
import { reachedStage } from "../../src/flow/reached.ts";

const begin = (stage: string): JournalEvent => ({ event: "stage", stage, state: "begin" });
const done = (stage: string): JournalEvent => ({ event: "stage", stage, state: "done" });
const rebuilt: JournalEvent = { event: "stage", stage: "build", state: "done", changed: true };

describe("the stage that a lab has reached", () => {
  it.each([
    ["none before its first build ended", [begin("build")], undefined],
    ["the last one that ended", [begin("build"), rebuilt, begin("fabric"), done("fabric")], "fabric"],
    ["not one that only began", [rebuilt, begin("fabric")], "build"],
    [
      "not lower for a run that changed nothing and stopped early",
      [rebuilt, done("servers"), done("build")],
      "servers",
    ],
    ["counted anew once guests were made", [rebuilt, done("verify"), rebuilt, done("fabric")], "fabric"],
  ])("is %s", (_, events, stage) => {
    expect(reachedStage(events)).toBe(stage);
  });
});
