import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { makeProgram, type Program } from "./program.ts";
import { onLinux } from "../fakes/processes.ts";

let program: Program;
afterEach(() => program.remove());

const noBug = (text: string) => {
  expect(text).not.toContain("bug in lab");
  expect(text).not.toMatch(/^ +at /m);
};

describe("a folder in place of a topology", () => {
  it("is said to be one", async () => {
    program = makeProgram();
    mkdirSync(join(program.cwd, "Sub"));
    for (const [words, shown] of [
      [["plan", "-t", "."], "."],
      [["plan", "-t", "Sub"], "Sub"],
    ] as const) {
      const { code, stderr } = await program.lab(...words);
      expect(code).toBe(2);
      expect(stderr).toContain(`cannot read topology ${shown}: is a directory\n  → `);
    }
    const { code, stdout } = await program.lab("check", "Sub");
    expect({ code, stdout }).toMatchObject({ code: 2, stdout: expect.stringMatching(/^Sub:1:1: .*is a directory$/m) });
  });
});

describe("lab check", () => {
  it("reports a missing file and the mistakes in the others at once", async () => {
    program = makeProgram();
    program.write("broken.lab.yaml", "name: Not A Name\n");
    const { code, stdout } = await program.lab("check", "missing.lab.yaml", "broken.lab.yaml");
    expect(code).toBe(2);
    expect(stdout).toMatch(/^missing\.lab\.yaml:1:1: there is no topology missing\.lab\.yaml$/m);
    expect(stdout).toMatch(/^broken\.lab\.yaml:1:7: /m);
  });
});

describe("a place where state cannot be kept", () => {
  it.each<[stateRoot: string, message: string]>([
    ["/dev/null/x", "/dev/null/x: not a directory (mkdir)"],
    ...(onLinux ? [["/proc/nope", "/proc/nope: no such file or directory (mkdir)"] as [string, string]] : []),
  ])("%s is named, and how to choose another", async (stateRoot, message) => {
    program = makeProgram({}, {}, { stateRoot });
    const { code, stderr } = await program.lab("up", "-t", "duo", "--plain");
    expect(code).toBe(3);
    // Of the first, reading the lock says it before anything is made.
    expect(stderr).toContain(stateRoot === "/proc/nope" ? message : "/dev/null/x");
    expect(stderr).toContain("LAB_STATE_DIR");
    noBug(stderr);
  });
});

describe("--junit", () => {
  it.each([
    ["nowhere/report.xml", "no such file or directory"],
    [".", "is a directory"],
  ])("%s is refused before anything is done", async (path, why) => {
    program = makeProgram();
    await program.pretendUp("duo");
    for (const command of ["up", "verify"]) {
      const { code, stderr } = await program.lab(command, "-n", "duo", "-t", "duo", "--plain", "--junit", path);
      expect(code).toBe(2);
      expect(stderr).toBe(
        `cannot write the JUnit report ${path}: ${why}\n  → name a file in a folder that is there and yours: --junit FILE\n`,
      );
    }
  });

  it("leaves nothing of the try", async () => {
    program = makeProgram();
    await program.lab("verify", "-t", "duo", "--junit", "report.xml");
    expect(existsSync(join(program.cwd, "report.xml"))).toBe(false);
  });
});

describe("damaged host keys", () => {
  it.each(["{ half", "null"])("such as %s are named, with the way out", async (text) => {
    program = makeProgram();
    await program.pretendUp("duo");
    const path = join(program.cwd, "state", "duo", "keys", "hosts.json");
    mkdirSync(join(path, ".."));
    writeFileSync(path, text);
    const { code, stderr } = await program.lab("exec", "leaf01", "--", "true");
    expect(code).toBe(4);
    expect(stderr).toContain(`${path} is damaged`);
    expect(stderr).toContain("  → lab down, then lab up");
    noBug(stderr);
  });
});

describe("a SyntaxError of ours", () => {
  it("is a bug and no wrong usage", async () => {
    program = makeProgram({
      probe() {
        throw new SyntaxError("Unexpected token");
      },
    });
    const { code, stderr } = await program.lab("doctor");
    expect(code).toBe(4);
    expect(stderr).toContain("this is a bug in lab");
  });
});
