import { afterEach, describe, expect, it } from "vitest";
import { CommandError, wasInterrupted } from "../../src/errors.ts";
import type { AppContext } from "../../src/cli/context.ts";
import { fakeClock } from "../fakes/clock.ts";
import { deadStream } from "../fakes/nodes.ts";
import { makeProgram, type Program } from "./program.ts";

let program: Program;
afterEach(() => program.remove());

const never = () => new Promise<never>(() => undefined);
/** What the first Ctrl-C does while `begin` has just begun something. */
const interrupting =
  <Result>(answer: () => Result) =>
  (): Result => {
    program.interrupt();
    return answer();
  };
const building = (build: () => Promise<never>) =>
  makeProgram(
    {},
    {},
    { images: () => Promise.resolve({ build } as unknown as Awaited<ReturnType<AppContext["images"]>>) },
  );
const noted = { code: 130, stdout: "", stderr: "interrupted\n" };

describe("Ctrl-C", () => {
  it("leaves a command that only looks at once", async () => {
    program = makeProgram({ askGuests: interrupting(never) });
    await program.pretendUp("duo");
    expect(await program.lab("status")).toEqual(noted);
  });

  it.each([
    ["command", () => new CommandError(["apt-get", "update"], undefined, wasInterrupted, "")],
    ["wait", () => new DOMException("This operation was aborted", "AbortError")],
  ])("in a %s of lab image build is no failure", async (_, error) => {
    program = building(interrupting(() => Promise.reject(error())));
    expect(await program.lab("image", "build")).toEqual(noted);
  });

  it("does not hide a bug", async () => {
    program = building(interrupting(() => Promise.reject(new TypeError("a bug of ours"))));
    expect(await program.lab("image", "build")).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("a bug of ours"),
    });
  });

  it("ends lab verify, and lets the lab go", async () => {
    const ansible = { exitCode: undefined, stdout: "", stderr: "", failure: wasInterrupted };
    program = makeProgram(
      { proxy: () => ["connect"] },
      { duplex: deadStream, try: interrupting(() => Promise.resolve({ argv: [], ...ansible })) },
      { clock: fakeClock() },
    );
    await program.pretendUp("duo");
    expect(await program.lab("verify", "--json")).toEqual(noted);
    // Before anything else, it would say that the lab is held.
    expect(await program.lab("down")).toEqual(noted);
    expect(program.hold("duo")).not.toThrow();
  });

  it("ends lab exec while it waits for a node", async () => {
    program = makeProgram({ proxy: () => ["connect"] }, { duplex: interrupting(deadStream) }, { clock: fakeClock() });
    await program.pretendUp("duo");
    expect(await program.lab("exec", "leaf01", "--", "sleep", "600")).toMatchObject({
      code: 130,
      stderr: expect.stringMatching(/^(?!.*bug).*interrupted\n$/s),
    });
  });
});
