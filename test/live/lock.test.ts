import { afterAll, describe, expect, it } from "vitest";
import { journalOf, leftovers, makePlace, until } from "./lab.ts";

const place = makePlace();
afterAll(async () => {
  await place.run("down", "--all");
  place.remove();
});

describe("two runs at once", () => {
  it("of one lab: the second exits 6 and says who holds it, or waits if it may", async () => {
    const first = place.start("up", "-t", "duo", "--until", "fabric");
    await until(() => journalOf(place, "duo").length > 0, 30_000, "journal");
    // Held as long as we look, however quick it is.
    first.child.kill("SIGSTOP");
    const second = await place.run("up", "-t", "duo");
    const third = place.start("up", "-t", "duo", "--until", "fabric", "--wait", "60");
    first.child.kill("SIGCONT");
    expect(second).toMatchObject({ code: 6 });
    expect(second.stderr).toContain(`pid ${first.child.pid}`);
    expect((await first.done).code).toBe(0);
    expect((await third.done).code).toBe(0);
  });

  it("of two labs with the same addresses: both work, and the end of one is not felt by the other", async () => {
    const [a, b] = await Promise.all([place.up("-t", "duo", "--name", "a"), place.up("-t", "duo", "--name", "b")]);
    expect([a.code, b.code]).toEqual([0, 0]);
    expect((await place.run("down", "--name", "a")).code).toBe(0);
    expect((await place.run("verify", "--name", "b")).code).toBe(0);
  });

  it("leave nothing", async () => {
    expect((await place.run("down", "--all")).code).toBe(0);
    expect(leftovers(place)).toEqual([]);
  });
});
