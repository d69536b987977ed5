/** The root part with real shells, on systems that only write down what they are told. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";

const actuator = fileURLToPath(new URL("../../images/healthd/actuator", import.meta.url));

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "healthd-root-"));
  for (const name of ["bin", "etc", "run"]) mkdirSync(join(folder, name));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  config("web", ["prefix = 172.20.0.1/32", "interface = lo1", "cover = 172.20.0.1/31", "lease = 7"]);
  config("dns-2", ['prefix = "172.20.0.2/32, 172.20.0.3/32" # two', "interface = lo2"]);
});

function config(name: string, lines: readonly string[]): void {
  writeFileSync(join(folder, "etc", `${name}.conf`), `${lines.join("\n")}\n`);
}

/** A program that says what it is told to, and fails if its arguments match `fails`. */
function program(name: string, answers: Readonly<Record<string, string>>, fails = "nothing"): void {
  const cases = Object.entries(answers).map(([words, text]) => `"${words}") printf '%s\\n' '${text}' ;;`);
  const script = [
    "#!/bin/sh",
    `echo "${name} $*" >>"${folder}/told"`,
    'case "$*" in',
    `${fails}) echo "$1 $2: no such device" >&2; exit 1 ;;`,
    ...cases,
    `"-force -batch -") sed 's/^/renewed: /' >>"${folder}/told" ;;`,
    `"-batch -") sed 's/^/batch: /' >>"${folder}/told" ;;`,
    "esac",
  ];
  writeFileSync(join(folder, "bin", name), `${script.join("\n")}\n`);
  chmodSync(join(folder, "bin", name), 0o755);
}

function run(words: readonly string[]): { readonly answers: readonly string[]; readonly told: readonly string[] } {
  const env = { PATH: `${folder}/bin:${process.env["PATH"]}` };
  const input = `${words.join("\n")}\n`;
  const { stdout } = spawnSync(actuator, [join(folder, "etc"), join(folder, "run")], {
    env,
    input,
    encoding: "utf8",
    timeout: 20_000,
  });
  const told = readFileSync(join(folder, "told"), { encoding: "utf8", flag: "a+" });
  return { answers: stdout.trim().split("\n"), told: told.trim().split("\n").filter(changes) };
}

/** Not the questions. */
function changes(line: string): boolean {
  return !/address show|link show|batch |-f inet:cidr|^uname/.test(line);
}

/** What is there, and which words fail. */
function onLinux(addresses: string, fails?: string): void {
  program("uname", { "-s": "Linux" });
  program("ip", { "-4 -oneline address show": addresses }, fails);
}

function onFreeBsd(addresses: string, fails?: string): void {
  program("uname", { "-s": "FreeBSD" });
  program("ifconfig", { "-f inet:cidr -a inet": addresses }, fails);
}

describe("on Linux", () => {
  test("an address comes with its lease, before its interface is up", () => {
    onLinux("1: lo    inet 127.0.0.1/8 scope host lo");
    expect(run(["up web"])).toEqual({
      answers: ["ok"],
      told: [
        "ip link add lo1 type dummy",
        "batch: address replace 172.20.0.1/32 dev lo1 valid_lft 7 preferred_lft 7",
        "batch: link set lo1 up",
      ],
    });
  });

  test("a kernel without dummy gets a bridge, and is asked for dummy only once", () => {
    onLinux("", '"link add "*dummy | "link show"*');
    const { told } = run(["up dns-2", "up web"]);
    expect(told.filter((line) => line.startsWith("ip link add"))).toEqual([
      "ip link add lo2 type dummy",
      "ip link add lo2 type bridge",
      "ip link add lo1 type bridge",
    ]);
  });

  test("the cover has no lease", () => {
    onLinux("");
    expect(run(["up web cover"]).told).toContain("batch: address replace 172.20.0.1/31 dev lo9 ");
  });

  test("goes down and is destroyed; what is gone already is fine", () => {
    onLinux("3: lo1    inet 172.20.0.1/32 scope global dynamic lo1");
    expect(run(["down web", "destroy web"])).toEqual({
      answers: ["ok", "ok"],
      told: ["ip link set lo1 down", "ip link delete lo1"],
    });
    onLinux("", '"link "*');
    expect(run(["down web", "destroy web"]).answers).toEqual(["ok", "ok"]);
  });

  test("an interface with somebody else's address is not touched", () => {
    onLinux("3: lo1    inet 172.20.0.1/32 scope global lo1\n3: lo1    inet 10.9.8.7/24 scope global lo1");
    const refused = "failed lo1 has 10.9.8.7/24, which is not ours";
    expect(run(["up web", "down web", "destroy web"])).toEqual({ answers: [refused, refused, refused], told: [] });
  });

  test("the same prefix is never on two interfaces, the cover's is another", () => {
    onLinux("3: lo7    inet 172.20.0.1/32 scope global lo7\n4: lo9    inet 172.20.0.1/31 scope global lo9");
    expect(run(["up web"])).toEqual({ answers: ["failed 172.20.0.1/32 is on lo7 already"], told: [] });
    onLinux("4: lo9    inet 172.20.0.1/31 scope global lo9");
    expect(run(["up web"]).answers).toEqual(["ok"]);
  });

  test("what a tool complains of is the answer", () => {
    onLinux("", '"link set"*');
    expect(run(["down web"]).answers).toEqual(["failed link set: no such device"]);
  });

  test("whoever writes the words can only say what is configured", () => {
    onLinux("");
    const words = [
      "up ../web",
      "up web lo0",
      "up",
      "down *",
      "halt",
      "up no",
      "destroy web $(reboot)",
      "renew ;reboot",
    ];
    const { answers, told } = run(words);
    expect(answers).toHaveLength(7);
    expect(answers.every((answer) => answer.startsWith("failed "))).toBe(true);
    expect(told).toEqual([]);
  });

  test("reload reads the files again, and forgets nobody that is still to be withdrawn", () => {
    onLinux("");
    const input = ["reload", "down web"];
    rmSync(join(folder, "etc", "dns-2.conf"));
    expect(run(input).answers).toEqual(["ok", "ok"]);
  });

  test("renewals go to one process for all of them", () => {
    onLinux("");
    const { told, answers } = run(["renew web", "renew dns-2"]);
    expect(answers).toEqual([""]);
    expect(told.filter((line) => line.startsWith("renewed"))).toEqual([
      "renewed: address replace 172.20.0.1/32 dev lo1 valid_lft 7 preferred_lft 7",
      "renewed: address replace 172.20.0.2/32 dev lo2 valid_lft 3 preferred_lft 3",
      "renewed: address replace 172.20.0.3/32 dev lo2 valid_lft 3 preferred_lft 3",
    ]);
  });
});

describe("on FreeBSD", () => {
  const lo1 = "lo1: flags=8049<UP,LOOPBACK,RUNNING,MULTICAST> metric 0 mtu 16384\n\tinet 172.20.0.1/32";

  test("an interface is created, gets its addresses and comes up, and the guard learns of it", () => {
    onFreeBsd("", '"lo1"');
    const told = ["ifconfig lo1", "ifconfig lo1 create", "ifconfig lo1 inet 172.20.0.1/32 alias", "ifconfig lo1 up"];
    expect(run(["up web"])).toEqual({ answers: ["ok"], told });
    expect(readFileSync(join(folder, "run", "web.alive"), "utf8")).toBe("\n");
  });

  test("goes down and is destroyed whole: FRR does not notice a deleted address", () => {
    onFreeBsd(lo1);
    expect(run(["down web", "destroy web"]).told).toEqual(["ifconfig lo1 down", "ifconfig lo1 destroy"]);
  });

  test("leaves foreign addresses and prefixes that are elsewhere alone", () => {
    onFreeBsd(`${lo1}\n\tinet 10.9.8.7/24`);
    expect(run(["destroy web"]).answers).toEqual(["failed lo1 has 10.9.8.7/24, which is not ours"]);
    onFreeBsd(lo1.replaceAll("lo1", "lo7"));
    expect(run(["up web"]).answers).toEqual(["failed 172.20.0.1/32 is on lo7 already"]);
  });
});
