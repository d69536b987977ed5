/** A connection to the hypervisor that is lost again and again while guests are being configured: `lab up` goes on. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FarHost, makeFarHost } from "./far-host.ts";
import { journalOf, notPassed, resultOf, until } from "./lab.ts";

const isRoot = process.getuid?.() === 0;
let far: FarHost;
let before: Record<string, readonly string[]>;

beforeAll(async () => {
  if (!isRoot) return;
  far = await makeFarHost();
  before = await far.host.traces();
});
afterAll(() => far?.remove());

const logins = () => far.sshd.log().match(/Accepted publickey/g)?.length ?? 0;

/**
 * Waits until the journal has this line, and cuts every connection, if it is said as soon as there is one more; then until
 * the hypervisor is called again.
 */
async function cutAt(line: RegExp, once?: "there is one more"): Promise<void> {
  const earlier = logins();
  await until(() => journalOf(far.host, "duo").some((one) => line.test(one)), 120_000, String(line));
  if (once !== undefined) await until(() => logins() > earlier, 30_000, `a connection after ${String(line)}`);
  const known = logins();
  far.sshd.cut();
  await until(() => logins() > known, 60_000, `another connection after ${String(line)}`);
}

describe.skipIf(!isRoot)("a hypervisor whose connection is lost in every stage", () => {
  it("has the lab come up all the same, by new connections, with every check holding", async () => {
    const up = far.lab("up", "-t", "duo", "--json", "--host", far.url);
    await cutAt(/"begin","act":"configure leaf01"/);
    await cutAt(/"begin","act":"play anycast.yaml"/, "there is one more");
    await cutAt(/"begin","act":"configure server01"/);
    await cutAt(/"stage":"verify","state":"begin"/);
    const result = resultOf(await up);
    expect(notPassed(result)).toEqual([]);
    expect(result.code).toBe(0);
  }, 300_000);

  it("has nothing left to change, and is left as it was", async () => {
    expect(await far.lab("up", "-t", "duo", "--plain")).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("nothing changed") as string,
    });
    expect(await far.lab("down")).toMatchObject({ code: 0 });
    expect(await far.host.traces()).toEqual(before);
  });
});
