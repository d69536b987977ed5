import { afterEach, describe, expect, it } from "vitest";
import { scenarios } from "../../src/drill/registry.ts";
import { makeProgram, type Program } from "./program.ts";

let program: Program;
afterEach(() => program.remove());

describe("lab drill", () => {
  it("without a scenario lists all there are, whether a lab is up or not", async () => {
    program = makeProgram();
    const { code, stdout } = await program.lab("drill");
    expect(code).toBe(0);
    for (const { name, summary } of scenarios) expect(stdout).toMatch(new RegExp(`^${name} +${summary}$`, "m"));
    const json = JSON.parse((await program.lab("drill", "--json")).stdout) as { scenarios: unknown[] };
    expect(json.scenarios).toHaveLength(scenarios.length);
  });

  const result = JSON.stringify({ event: "result", scenario: "withdraw", rate: 100, figures: {} });

  it.each([
    ["a scenario that is none", ["drill", "nonsense"], "there is no drill nonsense", "withdraw, bgpd-kill"],
    ["a scenario to repair", ["drill", "withdraw", "--repair"], "takes no scenario", "lab drill --repair"],
    ["a baseline that is not there", ["drill", "withdraw", "--baseline", "none"], "no such file", "--json > none"],
    ["a baseline that is none", ["drill", "withdraw", "--baseline", "junk"], "no result of a drill", "make one"],
    ["another drill's baseline", ["drill", "bgpd-kill", "--baseline", "old"], "it is one of withdraw", "make one"],
    [
      "another rate's baseline",
      ["drill", "withdraw", "--rate", "50", "--baseline", "old"],
      "at 100 requests",
      "--rate 50",
    ],
  ])("refuses %s", async (_, words, message, hint) => {
    program = makeProgram();
    program.write("junk", "junk\n");
    program.write("old", `{"event":"run"}\n${result}\n`);
    const { code, stderr } = await program.lab(...words);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
    expect(stderr).toContain(hint);
  });

  it("makes nothing where there is no lab, and waits for who holds it", async () => {
    program = makeProgram();
    expect(await program.lab("drill", "withdraw", "-t", "duo")).toMatchObject({ code: 3 });
    await program.pretendUp("duo");
    const release = program.hold("duo");
    const { code, stderr } = await program.lab("drill", "withdraw", "--plain");
    release();
    expect(code).toBe(6);
    expect(stderr).toContain('duo is held by "lab up"');
  });

  it("says why a lab cannot have a drill", async () => {
    program = makeProgram();
    await program.pretendUp("duo");
    const { code, stderr } = await program.lab("drill", "spine-crash", "--plain");
    expect(code).toBe(3);
    expect(stderr).toContain("duo cannot have the drill spine-crash: there is one spine, and no other way to a leaf");
  });

  it("has nothing to mend where no drill was killed", async () => {
    program = makeProgram();
    await program.pretendUp("duo");
    expect(await program.lab("drill", "--repair", "--json")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('"mended":null'),
    });
  });
});
