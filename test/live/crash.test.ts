import { afterEach, describe, expect, it } from "vitest";
import { journalOf, leftovers, makePlace, type Place, until } from "./lab.ts";

let place: Place = makePlace();
afterEach(async () => {
  await place.run("down", "-n", "duo");
  place.remove();
});

/** What a whole run of the smallest lab journals: 5 acts and 5 stages, each begun and done. */
const entries = 20;

describe("a run that is killed", () => {
  it.each(Array.from({ length: entries }, (_, index) => index + 1))(
    "after journal entry %i leaves nothing that `lab down` would not find",
    async (entry) => {
      place = makePlace();
      const { child, done } = place.start("up", "-t", "duo");
      await until(() => journalOf(place, "duo").length >= entry || child.exitCode !== null, 60_000, "journal");
      child.kill("SIGKILL");
      await done;
      expect((await place.run("down", "-n", "duo")).code).toBe(0);
      expect(leftovers(place)).toEqual([]);
    },
  );

  it.each([3, 9, 14])("after journal entry %i is finished by the next run", async (entry) => {
    place = makePlace();
    const { child, done } = place.start("up", "-t", "duo");
    await until(() => journalOf(place, "duo").length >= entry, 60_000, "journal");
    child.kill("SIGKILL");
    await done;
    expect((await place.up("-t", "duo")).code).toBe(0);
  });
});

describe("Ctrl-C", () => {
  it.each(["build", "fabric", "playbook", "servers", "verify"])(
    "in stage %s undoes the run and exits 130",
    async (stage) => {
      place = makePlace();
      const { child, done } = place.start("up", "-t", "duo");
      const begun = `"stage":"${stage}","state":"begin"`;
      await until(() => journalOf(place, "duo").some((line) => line.includes(begun)), 60_000, stage);
      child.kill("SIGINT");
      expect((await done).code).toBe(130);
      expect(leftovers(place)).toEqual([]);
    },
  );

  it("leaves a lab that had only been built as it was", async () => {
    place = makePlace();
    expect((await place.run("up", "-t", "duo", "--until", "build")).code).toBe(0);
    const { child, done } = place.start("up", "-t", "duo");
    const begun = `"stage":"playbook","state":"begin"`;
    await until(() => journalOf(place, "duo").some((line) => line.includes(begun)), 60_000, "playbook");
    child.kill("SIGINT");
    expect((await done).code).toBe(130);
    const { stdout } = await place.run("status", "--json");
    expect(stdout).toContain('"sessions":{"present":0');
    expect(stdout).not.toMatch(/"sessions":\{"present":[1-9]/);
    expect(stdout).not.toContain("unreachable");
  });
});
