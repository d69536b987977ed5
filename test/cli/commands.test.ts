import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { parseTopology } from "../../src/topology/parse.ts";
import { isRunning } from "../fakes/processes.ts";
import { makeProgram, type Program } from "./program.ts";

const programs: Program[] = [];
const program = (...args: Parameters<typeof makeProgram>) => {
  const made = makeProgram(...args);
  programs.push(made);
  return made;
};
afterEach(() => programs.splice(0).forEach((made) => made.remove()));

describe("lab plan", () => {
  it("shows duo for people", async () => {
    const { code, stdout } = await program().lab("plan", "-t", "duo");
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot("../golden/cli/plan-duo.txt");
  });

  it("adds what comes of it with --verbose", async () => {
    const { lab } = program();
    const [short, long] = [await lab("plan", "-t", "duo"), await lab("plan", "-t", "duo", "-v")];
    expect(long.stdout.startsWith(short.stdout)).toBe(true);
    expect(long.stdout).toMatch(/^leaf01 +swp6 +anycast +58:9c:fc:[0-9a-f:]+ +1500 +fe80::/m);
    expect(long.stdout).toMatch(/^server01 +\/usr\/local\/etc\/frr\/frr.conf +0640 +frr:frr +servers$/m);
    expect(long.stdout).toMatch(/^1 +sandbox +duo$/m);
    expect(long.stdout).toMatch(/^CHECKS 1: Every node answers/m);
  });

  it("gives the same bytes twice with --json, with steps, files and checks", async () => {
    const { lab } = program();
    const [one, other] = [await lab("plan", "--json"), await lab("plan", "--json", "-t", "anycast")];
    expect(one.stdout).toBe(other.stdout);
    expect(Object.keys(JSON.parse(one.stdout) as object)).toEqual(["plan", "files", "steps", "checks"]);
  });

  it("takes the only topology of the folder, and asks which of two", async () => {
    const { lab, write, cwd } = program();
    write("one.lab.yaml", (await lab("generate", "--name", "mine", "--leaves", "1")).stdout);
    expect((await lab("plan")).stdout).toMatch(/^mine on /);
    write("two.lab.yaml", readFileSync(join(cwd, "one.lab.yaml"), "utf8"));
    expect(await lab("plan")).toMatchObject({ code: 2, stderr: expect.stringContaining("--topology one.lab.yaml") });
  });
});

describe("lab check", () => {
  it("prints every mistake of every file and exits 2", async () => {
    const { lab, write } = program();
    write("a.lab.yaml", "name: Not A Name\n");
    write("b.lab.yaml", "");
    const { code, stdout } = await lab("check", "a.lab.yaml", "b.lab.yaml");
    expect(code).toBe(2);
    expect(stdout).toMatch(/^a\.lab\.yaml:1:7: /m);
    expect(stdout).toMatch(/^b\.lab\.yaml:1:1: /m);
    const json = JSON.parse((await lab("check", "--json", "b.lab.yaml")).stdout) as unknown[];
    expect(json[0]).toMatchObject({ file: "b.lab.yaml", line: 1, column: 1 });
  });

  it("says so when there is none", async () => {
    const { code, stderr } = await program().lab("check", "duo", "anycast");
    expect([code, stderr]).toEqual([0, "2 topologies without a mistake\n"]);
  });
});

describe("lab generate", () => {
  it("writes a topology of the size that was asked for", async () => {
    const { stdout } = await program().lab("generate", "--spines", "3", "--leaves", "5", "--servers", "2");
    const roles = [...parseTopology(stdout, "generated").nodes.values()].map((node) => node.role);
    const count = (role: string) => roles.filter((one) => one === role).length;
    expect([count("spine"), count("leaf"), count("server")]).toEqual([3, 5, 10]);
  });

  it("names a schema that editors find from any folder", async () => {
    const { stdout } = await program().lab("generate");
    const [, schema = ""] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(stdout) ?? [];
    expect(JSON.parse(readFileSync(new URL(schema), "utf8"))).toHaveProperty("$schema");
  });
});

describe("which lab is meant", () => {
  it("is the only one there is, or has to be said", async () => {
    const { lab, pretendUp } = program();
    expect(await lab("status")).toMatchObject({ code: 3, stderr: expect.stringContaining("  → lab up") });
    await pretendUp("first");
    expect(JSON.parse((await lab("status", "--json")).stdout)).toMatchObject({ lab: "first" });
    await pretendUp("second");
    expect(await lab("status")).toMatchObject({ code: 2, stderr: expect.stringContaining("--name first") });
    expect((await lab("status", "--name", "second")).code).toBe(0);
  });
});

describe("without a lab", () => {
  it.each([["status"], ["verify"], ["exec", "leaf01", "--", "true"], ["ssh", "leaf01"], ["logs"], ["logs", "leaf01"]])(
    "lab %s exits 3 and says what to do",
    async (...words) => {
      const { code, stderr } = await program().lab(...words);
      expect(code).toBe(3);
      expect(stderr).toMatch(/^there is no lab in .*\n  → lab up\n$/);
    },
  );
});

describe("lab status", () => {
  it("shows nodes that do not answer as unreachable", async () => {
    const { lab, pretendUp } = program();
    await pretendUp("duo");
    const { code, stdout } = await lab("inspect");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^leaf01 +leaf +\S+ +unreachable$/m);
  });
});

describe("lab up and lab down --dry-run", () => {
  it("print what would be run, the way a shell takes it, and make nothing", async () => {
    const { lab, pretendUp, ran } = program();
    const { code, stdout } = await lab("up", "-t", "duo", "--dry-run");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^# make \d+ steps\nmake 'it so' <<'END'\nline one\nEND\n$/);
    expect((await lab("status")).code).toBe(3);
    await pretendUp("duo");
    expect((await lab("down", "--dry-run")).stdout).toBe("# end the sandbox\nkill $SANDBOX\n");
    expect(ran).toEqual([]);
  });
});

describe("lab down", () => {
  it("counts what it removed", async () => {
    const { lab, pretendUp } = program();
    await pretendUp("duo");
    expect(await lab("down")).toMatchObject({ code: 0, stderr: "duo: removed 5 guests; 0 left (0.0 s)\n" });
    expect((await lab("status", "--name", "duo")).code).toBe(3);
  });

  it("ends what a playbook of a run that was killed has left", async () => {
    const { lab, pretendUp, cwd } = program();
    await pretendUp("duo");
    const env = { ...process.env, LAB_PLAYBOOK_HOME: join(cwd, "state", "duo", "ansible") };
    const stray = spawn("sleep", ["30"], { env });
    const other = spawn("sleep", ["30"], { env: { ...env, LAB_PLAYBOOK_HOME: join(cwd, "state", "duo2", "ansible") } });
    await Promise.all([once(stray, "spawn"), once(other, "spawn")]);
    expect((await lab("down")).stderr).toBe("duo: removed 5 guests, 1 stray process; 0 left (0.0 s)\n");
    expect([stray, other].map(({ pid }) => isRunning(pid ?? 0))).toEqual([false, true]);
    other.kill("SIGKILL");
  });

  it("names what stays, keeps the state and exits 4", async () => {
    const { lab, pretendUp } = program({ destroy: () => Promise.resolve({ removed: {}, left: ["a mount"] }) });
    await pretendUp("duo");
    expect(await lab("down")).toMatchObject({ code: 4, stderr: expect.stringContaining("  a mount\n") });
    expect((await lab("status")).code).toBe(0);
  });
});

describe("lab up", () => {
  it("exits 3 where the machine lacks something, and makes nothing", async () => {
    const missing = { what: "ssh", status: "missing", fix: "apt-get install openssh-client" } as const;
    const { lab } = program({ probe: () => Promise.resolve([missing]) });
    const { code, stderr } = await lab("up", "-t", "duo", "--plain");
    expect(code).toBe(3);
    expect(stderr).toContain("apt-get install openssh-client");
    expect((await lab("status")).code).toBe(3);
  });
});

describe("lab doctor", () => {
  const missing = { what: "ssh", status: "missing", consequence: "no node can be reached", fix: "get it" } as const;

  it.each([
    ["exits 0 on a machine where all is well", [{ what: "ssh", status: "good" } as const], 0],
    ["exits 3 where something is missing", [missing], 3],
  ])("%s", async (_, findings, expected) => {
    const { lab } = program({ probe: () => Promise.resolve(findings) });
    expect((await lab("doctor")).code).toBe(expected);
    expect(JSON.parse((await lab("doctor", "--json")).stdout)).toEqual(findings);
  });

  it("says what follows and what mends it", async () => {
    const { lab } = program({ probe: () => Promise.resolve([missing]) });
    expect((await lab("doctor")).stdout).toMatch(/^ssh +missing +no node can be reached: get it$/m);
  });
});

describe("lab exec and lab ssh", () => {
  it("name the nodes there are when a word means none", async () => {
    const { lab, pretendUp } = program();
    await pretendUp("duo");
    for (const words of [
      ["exec", "leaf9*", "--", "true"],
      ["ssh", "leaf9"],
      ["logs", "leaf9"],
    ]) {
      const { code, stderr } = await lab(...words);
      expect(code).toBe(2);
      expect(stderr).toContain("nodes: spine01, leaf01, server01");
    }
  });

  it("hand ssh the lab's own configuration, and quote the command once", async () => {
    const { lab, pretendUp, ran } = program();
    await pretendUp("duo");
    expect((await lab("ssh", "leaf01", "--", "echo", "a  b")).code).toBe(0);
    expect(ran[0]?.slice(0, 2)).toEqual(["ssh", "-F"]);
    expect(ran[0]?.slice(3)).toEqual(["leaf01", "echo 'a  b'"]);
  });
});
