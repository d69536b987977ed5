/** `npm start` as FreeBSD's sh sees it: `scripts/` in a place of its own, with stand-ins for all it calls. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makePlace } from "../fakes/place.ts";

const scripts = new URL("../../scripts", import.meta.url).pathname;
/** Of the base system. */
const base = ["cmp", "cp", "date", "dirname", "env", "find", "sh", "sort", "tail", "touch"];
const everything = ["node", "npm", "ansible-playbook", "vm", "qemu-img", "firmware"];

interface Machine {
  readonly has?: readonly string[];
  readonly rcConf?: Readonly<Record<string, string>>;
  readonly user?: number;
  /** What node says of its version. */
  readonly node?: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const fake = (path: string, body: string) => writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
const firmware = "local/share/uefi-firmware";

/** A checkout, and beside it all programs of a machine; those of ours write down how they are called. */
function furnish(machine: Machine): string {
  const place = makePlace();
  const { has = everything, rcConf = { vm_enable: "YES", vm_dir: "/vm" }, user = 0 } = machine;
  for (const folder of ["bin", "dist", "node_modules/.bin", "src", firmware]) {
    mkdirSync(join(place, folder), { recursive: true });
  }
  cpSync(scripts, join(place, "scripts"), { recursive: true });
  for (const file of ["package-lock.json", "tsconfig.json"]) writeFileSync(join(place, file), "{}");
  for (const tool of base) symlinkSync(which(tool), join(place, "bin", tool));
  const logged = (path: string, name: string) => fake(join(place, path), `echo "${name} $*" >>"${place}/calls"`);
  for (const name of has) if (name !== "firmware") logged(`bin/${name}`, name);
  logged("node_modules/.bin/tsc", "tsc");
  if (has.includes("firmware")) writeFileSync(join(place, firmware, "BHYVE_UEFI.fd"), "");
  fake(join(place, "bin/uname"), "echo FreeBSD");
  fake(join(place, "bin/id"), `echo ${user}`);
  if (machine.node !== undefined) fake(join(place, "bin/node"), `echo ${machine.node}`);
  const cases = Object.entries(rcConf).map(([name, value]) => `${name}) echo "${value}" ;;`);
  fake(join(place, "bin/sysrc"), `case $3 in ${cases.join(" ")} *) exit 1 ;; esac`);
  return place;
}

/** Runs a script and tells its exit code, its error output without times, and what it called. */
function run(script: string, machine: Machine) {
  const place = furnish(machine);
  const { status, stderr } = spawnSync("sh", [join(place, "scripts", script), ...(machine.flags ?? [])], {
    encoding: "utf8",
    env: { PATH: join(place, "bin"), LOCALBASE: join(place, "local"), ...machine.env },
  });
  const said = linesOf(stderr.replaceAll(/^\d\d:\d\d:\d\d /gm, ""));
  const calls = join(place, "calls");
  return { status, said, called: existsSync(calls) ? linesOf(readFileSync(calls, "utf8")) : [] };
}

const linesOf = (text: string) => text.trimEnd().split("\n");

function which(tool: string): string {
  return spawnSync("sh", ["-c", 'command -v "$1"', "sh", tool], { encoding: "utf8" }).stdout.trim();
}

const without = (...names: readonly string[]) => everything.filter((name) => !names.includes(name));
const notReady = "lab: this FreeBSD host is not ready; as root:";

describe("npm start on FreeBSD", () => {
  it.each<[what: string, machine: Machine, says: readonly string[]]>([
    [
      "an empty host, everything at once",
      { has: [], rcConf: {} },
      [
        "pkg install node24 npm-node24 sysutils/ansible vm-bhyve qemu-tools bhyve-firmware",
        "sysrc vm_enable=YES vm_dir=/vm",
        "mkdir -p /vm && vm init",
      ],
    ],
    ["one without firmware", { has: without("firmware") }, ["pkg install bhyve-firmware"]],
    ["npm of the Node.js that is there", { has: without("npm"), node: "22" }, ["pkg install npm-node22"]],
    [
      "a dataset that is not enabled, which is a directory already",
      { rcConf: { vm_dir: "zfs:tank/vm" } },
      ["sysrc vm_enable=YES", "vm init"],
    ],
    [
      "vm-bhyve that is not enabled, and keeps its directory",
      { rcConf: { vm_enable: "no", vm_dir: "/tank/vm" } },
      ["sysrc vm_enable=YES", "mkdir -p /tank/vm && vm init"],
    ],
    ["no directory", { rcConf: { vm_enable: "on" } }, ["sysrc vm_dir=/vm", "mkdir -p /vm && vm init"]],
  ])("tells %s, and does nothing", (_, machine, says) => {
    const { status, said, called } = run("start.sh", machine);
    expect(said).toEqual([notReady, ...says.map((line) => `  → ${line}`)]);
    expect({ status, called }).toEqual({ status: 3, called: [] });
  });

  it("wants to be root, once everything is there", () => {
    expect(run("start.sh", { user: 1001 })).toEqual({
      status: 3,
      said: ["lab: vm-bhyve takes root", "  → doas npm start, or sudo npm start"],
      called: [],
    });
  });

  it("where nothing is missing installs npm's packages, builds, and goes on to lab up with its flags", () => {
    const { status, called } = run("start.sh", { flags: ["--topology", "duo"] });
    expect(called.slice(-3)).toEqual([
      "npm ci --include=dev --include=optional --no-audit --no-fund",
      "tsc -p tsconfig.json",
      "node bin/lab.mjs up --topology duo",
    ]);
    expect(status).toBe(0);
  });

  it.each<[string, Machine]>([
    ["--host", { flags: ["--host", "ssh://root@hv"] }],
    ["--host=", { flags: ["--host=ssh://root@hv"] }],
    ["LAB_HOST", { env: { LAB_HOST: "ssh://root@hv" } }],
  ])("wants neither vm-bhyve nor root for a hypervisor elsewhere, by %s", (_, machine) => {
    const { called } = run("start.sh", {
      ...machine,
      has: ["node", "npm", "ansible-playbook"],
      rcConf: {},
      user: 1001,
    });
    expect(called.at(-1)).toMatch(/^node bin\/lab.mjs up/);
    expect(run("start.sh", { ...machine, has: ["node", "npm"] }).said.at(-1)).toBe("  → pkg install sysutils/ansible");
  });
});

describe("npm test on FreeBSD", () => {
  it("needs no hypervisor, installs nothing with apt-get, and leaves the live tests out", () => {
    const { said, called } = run("test.sh", { has: ["node", "npm"], rcConf: {}, user: 1001 });
    expect(said).toContain("no live tests here: they make namespaces, which only Linux has");
    expect(called).toContain("npm run --silent types");
    expect(said.join("\n")).not.toMatch(/live tests$/m);
  });
});
