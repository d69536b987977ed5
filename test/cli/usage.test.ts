import { afterAll, describe, expect, it } from "vitest";
import { makeProgram } from "./program.ts";

const program = makeProgram();
afterAll(() => program.remove());

const commands = [
  "up",
  "down",
  "plan",
  "check",
  "verify",
  "drill",
  "status",
  "exec",
  "ssh",
  "logs",
  "generate",
  "doctor",
];

describe("help", () => {
  it("lists every command in one screen", async () => {
    const { code, stdout } = await program.lab("--help");
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot("../golden/cli/help.txt");
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it.each([...commands, "image", "completion"])("of %s is a golden text", async (command) => {
    const { code, stdout } = await program.lab(command, "--help");
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot(`../golden/cli/help-${command}.txt`);
  });
});

/** The parser's own codes; `main` turns them into 2. */
const parserCodes = [-5, -4];

describe("wrong usage", () => {
  it.each([
    ["an unknown command", ["stauts"], "did you mean `status`"],
    ["an unknown flag", ["up", "--frobnicate"], "frobnicate"],
    ["a value that the flag cannot have", ["up", "--until", "nope"], "nope is none of check, build"],
    ["a number out of range", ["generate", "--spines", "17"], "17 is no whole number from 1 to 16"],
    ["a word where none is expected", ["status", "leaf01"], "Too many arguments"],
  ])("%s is refused and explained", async (_, words, message) => {
    const { code, stdout, stderr } = await program.lab(...words);
    expect(parserCodes).toContain(code);
    expect(stderr).toContain(message);
    expect(stdout).toBe("");
  });

  it.each([
    ["exec without a command", ["exec", "leaf01"], "exec needs nodes and a command"],
    ["ssh without a node", ["ssh"], "ssh needs a node"],
    ["completion without a shell", ["completion"], "completion needs a shell"],
    ["completion for a shell without one", ["completion", "tcsh"], "no completion for tcsh"],
    ["a topology that is not there", ["plan", "-t", "mine.lab.yaml"], "there is no topology mine.lab.yaml"],
    ["a lab name that is none", ["status", "--name", "../etc"], '"../etc" is no name for a lab'],
  ])("%s exits 2 and says what to do", async (_, words, message) => {
    const { code, stderr } = await program.lab(...words);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain("  → ");
  });
});

describe("variables", () => {
  it("stand for flags that were not given", async () => {
    const { stdout } = await program.labWith({ LAB_TOPOLOGY: "duo", LAB_JSON: "1" }, "plan");
    expect(JSON.parse(stdout)).toMatchObject({ plan: { lab: "duo" } });
  });

  it("give way to flags", async () => {
    const { stdout } = await program.labWith({ LAB_SPINES: "9" }, "generate", "--spines", "1");
    expect(stdout).not.toContain("spine02");
  });

  it("switch flags off with 0", async () => {
    const { stdout } = await program.labWith({ LAB_JSON: "0" }, "plan", "-t", "duo");
    expect(stdout).toMatch(/^duo on netns/);
  });

  it("are named when their value is wrong", async () => {
    const { code, stderr } = await program.labWith({ LAB_UNTIL: "nope" }, "up");
    expect(code).toBe(2);
    expect(stderr).toContain("LAB_UNTIL: nope is none of");
  });
});
