import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { makePlace } from "../fakes/place.ts";
import { makeProgram } from "./program.ts";

const program = makeProgram();
afterAll(() => program.remove());

/** A lab of which two nodes are up; writes down how it was asked. */
const fakeLab = `#!/bin/sh
printf '%s\\n' "$*" >>"$LAB_CALLS"
echo '{"lab":"duo","nodes":[{"node":"leaf01","role":"leaf"},{"node":"spine01","role":"spine"}]}'
`;

const isInstalled = (shell: string) => spawnSync(shell, ["-c", "true"]).status === 0;

/** How each shell is asked what it offers for words that were typed, the last of them not yet to its end. */
const asking: Readonly<Record<string, (words: readonly string[]) => readonly string[]>> = {
  // As readline calls it: see "Programmable Completion" in bash(1).
  bash: (words) => [
    "bash",
    "-c",
    '. ./script; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lab lab "${COMP_WORDS[COMP_CWORD]}"; printf "%s\\n" "${COMPREPLY[@]}"',
    "bash",
    ...words,
  ],
  // zsh offers nothing outside its line editor: its own emulation of bash's functions is called with what that would set.
  zsh: (words) => [
    "zsh",
    "-fc",
    'compdef() { :; }; autoload() { builtin autoload "$@" 2>/dev/null; }; . ./script; words=("$@"); CURRENT=$#; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); () { emulate -L sh; setopt kshglob noshglob braceexpand nokshautoload; _lab lab; }; print -l -- $COMPREPLY',
    "zsh",
    ...words,
  ],
  fish: (words) => ["fish", "--no-config", "-c", 'source ./script; complete -C "$argv[1]"', words.join(" ")],
};

describe.each(["bash", "zsh", "fish"])("completion of %s", (shell) => {
  let place: string;
  beforeEach(() => (place = makePlace()));

  it("is a golden text", async () => {
    const { code, stdout } = await program.lab("completion", shell);
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot(`../golden/cli/completion-${shell}.txt`);
  });

  async function offered(line: string): Promise<string[]> {
    mkdirSync(join(place, "bin"), { recursive: true });
    writeFileSync(join(place, "bin", "lab"), fakeLab);
    chmodSync(join(place, "bin", "lab"), 0o755);
    writeFileSync(join(place, "mine.lab.yaml"), "");
    writeFileSync(join(place, "script"), (await program.lab("completion", shell)).stdout);
    const [file = "", ...args] = asking[shell]?.(line.split(" ")) ?? [];
    const { stdout, stderr } = spawnSync(file, args, {
      encoding: "utf8",
      cwd: place,
      env: {
        ...process.env,
        HOME: place,
        LAB_CALLS: join(place, "calls"),
        PATH: `${join(place, "bin")}:${process.env["PATH"] ?? ""}`,
      },
    });
    expect(stderr).toBe("");
    // fish adds what a word means behind a tab.
    const words = stdout.split("\n").flatMap((word) => (word === "" ? [] : [word.replace(/\t.*/, "").trimEnd()]));
    // zsh leaves it to its line editor to take those that begin with what was typed.
    const typed = shell === "zsh" ? (line.split(" ").at(-1) ?? "") : "";
    return words.filter((word) => word.startsWith(typed));
  }

  describe.runIf(isInstalled(shell))("offers", () => {
    it.each([
      ["commands and their other names", "lab d", ["deploy", "destroy", "doctor", "down", "drill"]],
      ["flags of a command", "lab up --un", ["--until"]],
      ["flags of a command by its other name", "lab deploy --un", ["--until"]],
      ["values of a flag", "lab up --until f", ["fabric"]],
      ["values of another", "lab plan --hypervisor ", ["netns", "vm-bhyve"]],
      ["built-in topologies", "lab up -t du", ["duo"]],
      ["built-in topologies by the long flag", "lab up --topology anycast-", ["anycast-dense"]],
      ["files as topologies", "lab check mi", ["mine.lab.yaml"]],
      ["commands of a group", "lab image ", ["build", "import", "list", "verify"]],
      ["flags in a group", "lab image build --pl", ["--plain"]],
      ["shells", "lab completion z", ["zsh"]],
      ["nodes", "lab ssh le", ["leaf01"]],
      ["nodes behind flags", "lab exec -v -t duo spine", ["spine", "spine01"]],
      ["nodes behind a comma", "lab exec leaf01,spine0", ["leaf01,spine01"]],
      ["nothing for what follows the nodes", "lab ssh leaf01 le", []],
      ["nothing of ours behind --", "lab exec leaf01 -- --un", []],
      ["nothing for a number", "lab generate --spines ", []],
    ])("%s", async (_, line, words) => {
      expect((await offered(line)).toSorted()).toEqual(words);
    });

    it("nodes of the lab that is meant", async () => {
      await offered("lab logs -n other --topology my.lab.yaml le");
      expect(readFileSync(join(place, "calls"), "utf8")).toBe("status --json -n other --topology my.lab.yaml\n");
    });
  });
});
