/** Whatever runs on FreeBSD gets by with its /bin/sh and its base tools. ShellCheck's gate knows the shell, but not these. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = new URL("../..", import.meta.url).pathname;
/** A whole command of a line: not `sed` in `used`. */
const command = (names: string, rest: string) => new RegExp(`(?:^|[\\s;|&(\`])(?:${names})\\b${rest}`);

/** What GNU or Linux has and FreeBSD 15 does not, or takes for something else. */
const absent: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["bash, or its words", command("bash|source|function|declare|shopt|mapfile", "")],
  ["bash's quotes, substitutions or arrays", /\[\[ |\$'|<\(|>\(|<<<|&>|\$\{[^}]*(?:\^\^|,,|\/\/)|\w+=\(/],
  ["echo -e or -n", command("echo", "\\s+-[en]")],
  [
    "programs of util-linux, procps or GNU",
    command("setsid|flock|nsenter|unshare|setpriv|tac|nproc|free|shuf|gawk", ""),
  ],
  ["packages of Debian", command("apt|apt-get|dpkg|systemctl|adduser|useradd", "\\s")],
  ["sed -i without an ending, -r, -z", command("sed", "\\s+(?:-i\\s|-\\w*[rz])")],
  ["grep -P or -Z", command("grep", "\\s+(?:-\\w+\\s+)*-\\w*[PZ]")],
  ["GNU's own stat, date, find, head, mktemp, ps", command("stat", "\\s+-c")],
  ["GNU's date", command("date", "\\s+(?:-d|-I|--)")],
  ["find -printf", command("find", ".*-printf")],
  ["head without the last lines", command("head", "\\s+-n\\s*-")],
  ["ps as System V has it", command("ps", "\\s+-\\w*[ef]f")],
  [
    "long options of base tools",
    command("cp|mv|rm|ls|ln|sort|tail|head|mkdir|sed|du|df|touch|mktemp|cmp", ".*\\s--[a-z]"),
  ],
  ["/proc", /\/proc\b/],
];

function findAbsent(text: string): string[] {
  return text.split("\n").flatMap((line, index) => {
    if (/^\s*#/.test(line)) return [];
    // What stands in quotes is no command.
    const bare = line.replaceAll(/'[^']*'/g, "''");
    return absent.filter(([, pattern]) => pattern.test(bare)).map(([what]) => `${index + 1}: ${what}: ${line.trim()}`);
  });
}

/** A root that is tried on a bare Debian, and what only CI on Linux runs. */
const debianOnly = "try-bare.sh";
const shellScripts = readdirSync(join(root, "scripts")).filter((name) => name.endsWith(".sh") && name !== debianOnly);

/** A script that is only read by others names its shell for the linter instead. */
const firstLine = /^(?:#!\/bin\/sh|# shellcheck shell=sh)\n/;

describe("scripts that run on FreeBSD", () => {
  it.each(shellScripts)("%s has nothing that is not there", (name) => {
    // What a Debian user is told to type is no command of ours.
    const text = readFileSync(join(root, "scripts", name), "utf8").replaceAll(/"(?:Debian|elsewhere)[^"]*"/g, "");
    expect(findAbsent(text)).toEqual([]);
    expect(text).toMatch(firstLine);
  });

  it("are those that npm start, npm test and npm run check read, at least", () => {
    expect(shellScripts).toEqual(expect.arrayContaining(["check.sh", "freebsd.sh", "setup.sh", "start.sh", "test.sh"]));
  });

  it.each(["#!/bin/bash", "#!/usr/bin/env bash", "#!/bin/zsh", "#!/usr/bin/sh", "set -eu"])(
    "would be refused with the first line %s",
    (line) => {
      expect(`${line}\ntrue\n`).not.toMatch(firstLine);
    },
  );

  it("and the command on PATH finds its Node.js where the packages of FreeBSD put it", () => {
    expect(readFileSync(join(root, "bin", "lab.mjs"), "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it("npm's scripts neither", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
    expect(findAbsent(Object.values(scripts).join("\n"))).toEqual([]);
  });

  it.each([
    "set -x; [[ -f x ]]",
    "while read -r x; do :; done < <(ls)",
    "echo -e 'a'",
    "setsid vm start x",
    "sed -i s/a/b/ file",
    "sed -nr s/a/b/p file",
    "ls | grep -rlZE x",
    "stat -c %s file",
    "date -d yesterday",
    "find . -printf %s",
    "ps -ef",
    "cp --reflink=auto a b",
    "cat /proc/mounts",
    "x=${y//a/b}",
  ])("would be refused: %s", (line) => {
    expect(findAbsent(line)).not.toEqual([]);
  });

  it.each(["sed -n s/a/b/p", "grep -rlE --null x", "used=1", "npm ci --no-audit", "node -e '[1, 2]'", "unshared=x"])(
    "may say: %s",
    (line) => {
      expect(findAbsent(line)).toEqual([]);
    },
  );
});

/** The sandbox is Linux's, and nothing else of the program runs such commands on this machine. */
const linuxOnly = /\[\s*"(?:setsid|flock|nsenter|unshare|bash|stdbuf|timeout)"(?!, "zsh")/;

it("no command of the program itself is one that only Linux has", () => {
  const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" });
  const others = files.filter((path) => path.endsWith(".ts") && !path.startsWith(join("drivers", "netns")));
  expect(others.length).toBeGreaterThan(100);
  expect(others.filter((path) => linuxOnly.test(readFileSync(join(root, "src", path), "utf8")))).toEqual([]);
});

/** Scripts that the program hands to a shell on this machine or on the hypervisor: texts with a word that only shells have. */
const shellWords = /(?:\bthen\b[^]*\bfi\b|\bdo\b[^]*\bdone\b|\$\{?[1-9#@]\b|"\$\w+"|\bset -e\b)/;
const literals = /`(?:[^`\\]|\\[^])*`|'(?:[^'\\\n]|\\.)*'/g;

it("no shell script within the program has a bashism or an option of GNU's", () => {
  const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" });
  const found = files
    .filter((path) => path.endsWith(".ts") && !linuxRooms.test(path))
    .flatMap((path) => {
      const text = readFileSync(join(root, "src", path), "utf8");
      const scripts = (text.match(literals) ?? []).map((literal) => literal.slice(1, -1)).filter(isScript);
      return scripts.map((script) => ({ path, absent: findAbsent(script) }));
    });
  expect(found.map(({ path }) => path)).toContain(join("system", "guard.ts"));
  expect(found.filter(({ absent: some }) => some.length > 0)).toEqual([]);
});

/** The sandbox, what guests of Linux are told, and completions, of which one is bash's own. */
const linuxRooms = /^(?:drivers.netns|kinds|render|verify|cli.completion)/;

function isScript(literal: string): boolean {
  return shellWords.test(literal.replaceAll(/(?<!\\)\$\{[^}]*\}/g, "x"));
}

it("the image of FreeBSD servers is made by sh, not by the bash that zx would look for", () => {
  const folder = join(root, "images", "freebsd-server");
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  const users = texts.filter((text) => text.includes('from "zx'));
  expect(users.length).toBeGreaterThan(0);
  for (const text of users) {
    expect(text).toContain('shell: "/bin/sh"');
    expect(text).not.toMatch(/(?:await|: ) ?\$[(`]/);
  }
});

it.each(["drivers", "images"])("tests of the emulator in %s, which takes Linux, are left out on FreeBSD", (room) => {
  const folder = join(root, "test", room);
  const users = readdirSync(folder).filter(
    (name) => name.endsWith(".test.ts") && readFileSync(join(folder, name), "utf8").includes('fakes/vm-host.ts"'),
  );
  const config = readFileSync(join(root, "test", "vitest.config.ts"), "utf8");
  const leftOut = new RegExp(`${room}/\\{([^}]*)\\}\\.test\\.ts`).exec(config)?.[1]?.split(",") ?? [];
  expect(leftOut).toEqual(expect.arrayContaining(users.map((name) => name.replace(".test.ts", ""))));
  expect(users.length).toBeGreaterThan(1);
});
