import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isCutOff, runPlaybook } from "../../src/remote/ansible.ts";
import { fakeExec, type Reply } from "../fakes/exec.ts";

/** What Ansible 2.14 printed. */
const recorded = (name: string) => readFileSync(new URL(`ansible-2.14/${name}`, import.meta.url).pathname, "utf8");

/** A run of which Ansible says that. */
function play(reply: Reply) {
  const exec = fakeExec(() => reply);
  const tasks: string[] = [];
  const run = runPlaybook({
    exec,
    playbook: "/lab/anycast.yaml",
    inventory: "/state/inventory.yaml",
    config: "/lab/ansible.cfg",
    home: "/state/ansible",
    forks: 8,
    signal: new AbortController().signal,
    onTask: (task) => tasks.push(task),
  });
  return { exec, tasks, run };
}

describe("a playbook that runs to its end", () => {
  it("tells each task as it begins, and what changed on each host", async () => {
    const { run, tasks } = play({ stdout: recorded("changed.txt") });
    expect(await run).toEqual({ leaf01: { changed: 2, failed: 0 }, leaf02: { changed: 1, failed: 0 } });
    expect(tasks).toEqual(["Change something", "Change nothing", "On one", "Reload"]);
  });

  it("has not failed where it rescued or ignored what did", async () => {
    const { run } = play({ stdout: recorded("forgiven.txt") });
    expect(await run).toEqual({ leaf01: { changed: 1, failed: 0 }, leaf02: { changed: 1, failed: 0 } });
  });

  it("is run with the lab's own inventory and files, and nothing of the user's that changes its words", async () => {
    const { run, exec } = play({ stdout: recorded("changed.txt") });
    await run;
    expect(exec.lines()).toEqual(["ansible-playbook --inventory /state/inventory.yaml --forks 8 /lab/anycast.yaml"]);
    expect(exec.calls[0]?.options.env).toMatchObject({
      ANSIBLE_CONFIG: "/lab/ansible.cfg",
      ANSIBLE_HOME: "/state/ansible",
      ANSIBLE_FORCE_COLOR: "0",
      ANSIBLE_STDOUT_CALLBACK: "default",
    });
  });
});

describe("a playbook that fails", () => {
  it.each([
    [
      "a task, and an item of a loop",
      { exitCode: 2, stdout: recorded("failed.txt") },
      [
        "  leaf02: Break on one: non-zero return code",
        "    line one",
        "    line [two]",
        "    said",
        "  leaf01: Loop: non-zero return code",
      ],
    ],
    [
      "a host that does not answer",
      { exitCode: 4, stdout: recorded("unreachable.txt") },
      [
        "  leaf03: Say hello: Failed to connect to the host via ssh: ssh: connect to host 127.0.0.1 port 1: Connection refused",
      ],
    ],
    [
      "a module that crashed",
      { exitCode: 2, stdout: recorded("module.txt") },
      [
        "  leaf01: Crash in a module: MODULE FAILURE",
        "    See stdout/stderr for the exact error",
        "    Traceback (most recent call last):",
        '      File "/home/lab/.ansible/tmp/ansible-tmp-0/AnsiballZ_broken.py", line 3, in <module>',
        '        raise ValueError("broken module")',
        "    ValueError: broken module",
      ],
    ],
  ])("names host, task and message of %s", async (_, reply, lines) => {
    await expect(play(reply).run).rejects.toMatchObject({
      code: "E_PLAYBOOK",
      exitCode: 4,
      message: ["/lab/anycast.yaml failed", ...lines].join("\n"),
    });
  });

  it("only because hosts were cut off says so, and what it has changed until then", async () => {
    const cut = await play({ exitCode: 4, stdout: recorded("unreachable.txt") }).run.catch((error: unknown) => error);
    expect(isCutOff(cut)).toBe(true);
    expect(cut).toMatchObject({ facts: { leaf01: { changed: 1, failed: 0 }, leaf03: { changed: 0, failed: 1 } } });
    const failed = await play({ exitCode: 2, stdout: recorded("failed.txt") }).run.catch((error: unknown) => error);
    expect(isCutOff(failed)).toBe(false);
    expect(isCutOff(await play({ stdout: "" }).run.catch((error: unknown) => error))).toBe(false);
  });

  it("leaves out what was rescued on other hosts", async () => {
    const stdout = recorded("forgiven.txt")
      .replace(/(leaf02 .*)failed=0(.*)rescued=1/, "$1failed=1$2rescued=0")
      .replace("ok: [leaf02]", 'fatal: [leaf02]: FAILED! => {"msg": "not mended"}');
    const message = "/lab/anycast.yaml failed\n  leaf02: Fails in a block: rescue me\n  leaf02: Mend: not mended";
    await expect(play({ exitCode: 2, stdout }).run).rejects.toMatchObject({ message });
  });

  it("before its first task is quoted", async () => {
    const { run } = play({ exitCode: 4, stderr: recorded("syntax.stderr.txt") });
    const message =
      /^\/lab\/anycast.yaml failed\n {2}ansible-playbook: failed with exit code 4: ERROR! couldn't resolve/;
    await expect(run).rejects.toMatchObject({ code: "E_PLAYBOOK", message: expect.stringMatching(message) as string });
  });

  it("is not taken for a good one where it says nothing at all", async () => {
    await expect(play({ stdout: "" }).run).rejects.toThrow("ansible-playbook: no recap");
  });

  it("is not taken for a good one where it is missing", async () => {
    await expect(play({ failure: "no such program on this machine" }).run).rejects.toThrow(
      "ansible-playbook: no such program on this machine",
    );
  });

  it("is quoted as it is where the result is no JSON", async () => {
    const stdout = "TASK [Odd] ***\nfatal: [leaf01 -> localhost]: FAILED! => not json\n";
    await expect(play({ exitCode: 2, stdout }).run).rejects.toThrow("  leaf01: Odd: not json");
  });
});
