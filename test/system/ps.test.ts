import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { bearersOf, parseRows, psTable } from "../../src/system/ps.ts";
import { until } from "../fakes/processes.ts";

/** As FreeBSD 15 prints `ps -axww -o pid= -o ppid= -o ruid= -o state= -o lstart= -o command=` in UTC. */
const plain = `    0     0     0 DLs  Tue Nov 24 08:00:02 2026 [kernel]
    1     0     0 ILs  Tue Nov 24 08:00:02 2026 /sbin/init
  921     1     0 Is   Tue Nov 24 08:00:31 2026 sshd: /usr/sbin/sshd [listener] 0 of 10-100 startups (sshd)
 2100   921  1001 S+   Tue Nov  3 23:59:59 2026 /usr/local/bin/python3.11 /usr/local/bin/ansible-playbook anycast.yaml
 2101  2100  1001 S+   Tue Nov 24 09:10:00 2026 ssh: /home/x/.local/state/lab/duo/s/0a [mux] (ssh)
 2102   921  1001 S+   Tue Nov 24 09:10:01 2026 grep LAB_PLAYBOOK_HOME=/state/duo/ansible x
 2103  2100  1001 Z    Tue Nov 24 09:10:02 2026 <defunct>
 2104   921     0 I    Tue Nov 24 09:10:03 2026 sh -c exec 'a b'^Jtrue
 99999 921 65534 SJ   Tue Nov 24 09:10:04 2026 sleep 30
`;

/** The same with -e: the environment, a blank, the command (bin/ps/print.c). */
const withEnvironment = plain
  .replace("/usr/local/bin/python3.11 ", "PATH=/bin LAB_PLAYBOOK_HOME=/state/duo/ansible HOME=/home/x $&")
  .replace("ssh: ", "HOME=/home/x LAB_PLAYBOOK_HOME=/state/duo/ansible $&")
  .replace("grep ", "HOME=/home/x TERM=xterm $&")
  .replace(
    "sh -c ",
    "NOTE=see LAB_PLAYBOOK_HOME=/state/duo/ansible and more LAB_PLAYBOOK_HOME=/state/duo/ansible two $&",
  )
  .replace("sleep 30", "LAB_PLAYBOOK_HOME=/state/duo/ansible sleep 30");

const run = (args: readonly string[]) => {
  if (args.includes("-axeww")) return withEnvironment;
  const asked = args[args.indexOf("-p") + 1];
  if (args.includes("-axww")) return plain;
  return plain
    .split("\n")
    .filter((line) => line.trim().startsWith(`${asked} `))
    .join("\n");
};
const table = psTable(run);

describe("what ps prints", () => {
  it("is read column by column, whatever stands in the command", () => {
    const rows = parseRows(plain);
    expect(rows).toHaveLength(9);
    expect(rows[3]).toEqual({
      pid: 2100,
      parent: 921,
      user: 1001,
      startTime: String(Date.UTC(2026, 10, 3, 23, 59, 59) / 1000),
      zombie: false,
      text: "/usr/local/bin/python3.11 /usr/local/bin/ansible-playbook anycast.yaml",
    });
    expect(rows.filter(({ zombie }) => zombie).map(({ pid }) => pid)).toEqual([2103]);
    expect(rows.at(-1)).toMatchObject({ pid: 99999, parent: 921, user: 65534 });
  });

  it.each([
    ["nothing", ""],
    ["a header", "  PID  PPID  RUID STAT STARTED                      COMMAND\n"],
    ["an error", "ps: illegal option -- -\n"],
    ["a line cut short", " 2100   921  1001 S+   Tue Nov  3"],
  ])("is no process where it is %s", (_what, text) => {
    expect(parseRows(text)).toEqual([]);
  });

  it("asks for each column by itself, since a header takes the rest of its argument", () => {
    const asked: (readonly string[])[] = [];
    psTable((args) => {
      asked.push(args);
      return "";
    }).find(() => true);
    expect(asked).toEqual(["-axww -o pid= -o ppid= -o ruid= -o state= -o lstart= -o command=".split(" ")]);
  });
});

describe("processes told by ps", () => {
  it("are told apart by their start, which may be a second off", () => {
    const started = Date.UTC(2026, 10, 24, 9, 10, 1) / 1000;
    expect(table.identify(2102)).toEqual({ pid: 2102, startTime: String(started) });
    expect([0, 1, -1, 2, -60].map((off) => table.isSame(String(started), String(started + off)))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(table.isSame("unknown", String(started))).toBe(false);
    expect(table.isSame("unknown", "unknown")).toBe(true);
  });

  it("that have ended are none, and nor are those that were never there", () => {
    expect([2103, 4711].map((pid) => table.identify(pid))).toEqual([undefined, undefined]);
    expect(table.childrenOf(2100)).toEqual([2101, 2103]);
  });

  it("are found by words of their command", () => {
    expect(table.find(([program]) => program === "sleep")).toEqual([
      { pid: 99999, startTime: expect.any(String) as string, user: 65534, argv: ["sleep", "30"] },
    ]);
  });

  it("are known by a pid alone where there is no ps", () => {
    const blind = psTable(() => undefined);
    expect(blind.identify(process.pid)).toEqual({ pid: process.pid, startTime: "unknown" });
    expect(blind.find(() => true)).toEqual([]);
    expect(blind.withVariable("A", "b")).toEqual([]);
  });
});

const rowOf = (text: string, second = "02") => parseRows(` 7 1 0 S Tue Nov 24 08:00:${second} 2026 ${text}\n`);

describe("a variable", () => {
  it("is found in the environment, and not in the arguments of a grep", () => {
    const found = table.withVariable("LAB_PLAYBOOK_HOME", "/state/duo/ansible");
    expect(found.map(({ pid, user }) => [pid, user])).toEqual([
      [2100, 1001],
      [2101, 1001],
      [99999, 65534],
    ]);
  });

  it.each([
    ["the whole of a value", "M=/a", "M=/a", true],
    ["a value with blanks", "A=1 M=/a b B=2", "M=/a b", true],
    ["a value that goes on", "A=1 M=/a b B=2", "M=/a", false],
    ["a value that another begins with", "M=/ab", "M=/a", false],
    ["a name that another ends with", "XM=/a", "M=/a", false],
    ["a value of a second one, after one that only looks like it", "N=x M=/a y M=/a", "M=/a", true],
    ["no environment at all, as of another user's", "", "M=/a", false],
  ])("is told by %s", (_what, environment, variable, isThere) => {
    const found = bearersOf(variable, rowOf("sh -c M=/a"), rowOf(`${environment} sh -c M=/a`.trimStart()));
    expect(found).toHaveLength(isThere ? 1 : 0);
  });

  it("of a process that has its pid from another meanwhile is nobody's", () => {
    expect(bearersOf("M=/a", rowOf("sleep 9"), rowOf("M=/a sleep 9"))).toHaveLength(1);
    expect(bearersOf("M=/a", rowOf("sleep 9"), rowOf("M=/a sleep 9", "30"))).toEqual([]);
  });
});

const hasPs = spawnSync("ps", ["-p", "1"]).status === 0;
const commandOf = (pid: number) =>
  spawnSync("ps", ["-o", "comm=", "-p", String(pid)], { encoding: "utf8" }).stdout.trim();

/** FreeBSD's, or procps with its environment behind the command. */
describe.runIf(hasPs)("the real ps", () => {
  it("tells of a process, of its words, its parent and its variables, until it has ended", async () => {
    // What an earlier run of this test may have left is none of it.
    const mark = `/a b/${process.pid}`;
    const child = spawn("sleep", ["31.125"], { env: { ...process.env, LAB_PS_MARK: mark }, stdio: "ignore" });
    await once(child, "spawn");
    const pid = child.pid ?? 0;
    const identity = psTable().identify(pid);
    const user = process.getuid?.();
    await until(() => commandOf(pid) === "sleep");
    expect(psTable().find(([program, time]) => program === "sleep" && time === "31.125")).toEqual([
      { ...identity, user, argv: ["sleep", "31.125"] },
    ]);
    expect(psTable().childrenOf(process.pid)).toContain(pid);
    expect(Math.abs(Number(identity?.startTime) - Date.now() / 1000)).toBeLessThan(60);
    expect(psTable().withVariable("LAB_PS_MARK", mark)).toEqual([{ ...identity, user }]);
    expect(psTable().withVariable("LAB_PS_MARK", "/a")).toEqual([]);
    expect(psTable().withVariable("AB_PS_MARK", mark)).toEqual([]);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(psTable().identify(pid)).toBeUndefined();
    expect(psTable().withVariable("LAB_PS_MARK", mark)).toEqual([]);
  });

  it("does not count one that has ended and waits for its parent", async () => {
    const script = "exec 3<&0; { read -r line <&3; } & echo $!; exec sleep 30";
    const parent = spawn("sh", ["-c", script], { stdio: ["pipe", "pipe", "ignore"] });
    const [text] = (await once(parent.stdout, "data")) as [Buffer];
    const child = Number(text.toString());
    // A shell would bury its child, sleep does not.
    await until(() => commandOf(parent.pid ?? 0) === "sleep");
    expect(psTable().identify(child)).not.toBeUndefined();
    parent.stdin.end("\n");
    await until(() => psTable().identify(child) === undefined);
    expect(() => process.kill(child, 0)).not.toThrow();
    parent.kill("SIGKILL");
  });
});
