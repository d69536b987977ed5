import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { fakeClock } from "../../fakes/clock.ts";
import { fakeHypervisor } from "../../fakes/hypervisor.ts";
import { isRunning, until } from "../../fakes/processes.ts";

/** Waits without letting anybody else have a turn: what is under way stays where it is. */
function spin(condition: () => boolean): void {
  const deadline = Date.now() + 5000;
  while (!condition() && Date.now() < deadline);
}

const sh = (script: string) => ["sh", "-c", script];

describe("a question to a hypervisor", () => {
  it("is answered with both streams and the exit code, whatever characters it has", async () => {
    const { host } = fakeHypervisor();
    const odd = `a'b"c $HOME \`id\` !x \\ ; *\nnew line`;
    expect(await host.run(["printf", "%s", odd])).toMatchObject({ exitCode: 0, stdout: odd, failure: undefined });
    expect(await host.run(sh("echo out; echo err >&2; exit 3"))).toMatchObject({
      exitCode: 3,
      stdout: "out\n",
      stderr: "err\n",
      failure: "failed with exit code 3",
    });
  });

  it("reads nothing, is in English, and can be for a program that is not there", async () => {
    const { host } = fakeHypervisor();
    expect((await host.run(["cat"])).stdout).toBe("");
    expect((await host.run(sh("echo $LC_ALL"))).stdout).toBe("C\n");
    expect(await host.run(["no-such-program"])).toMatchObject({
      exitCode: undefined,
      failure: "no such program on ssh://root@hv",
    });
  });

  it("hands over lines as they come", async () => {
    const { host } = fakeHypervisor();
    const lines: string[] = [];
    await host.run(sh("echo one; echo two >&2; echo three"), { onLine: (line, from) => lines.push(`${from} ${line}`) });
    expect(lines.toSorted()).toEqual(["stderr two", "stdout one", "stdout three"]);
  });

  it("takes as long as it may, and ends with all that it has started", async () => {
    const { host, node } = fakeHypervisor();
    const result = await host.run(sh("echo begun; sleep 600 & echo $! >pid; wait"), { timeoutMs: 100 });
    expect(result).toMatchObject({ failure: "took too long", stdout: "begun\n" });
    const pid = Number(node.read("/pid"));
    await until(() => !isRunning(pid));
  });

  it("ends when it is interrupted, with what it says then", async () => {
    const { host } = fakeHypervisor();
    const interrupt = new AbortController();
    const script = 'trap "echo summary; exit 0" INT; echo begun; while :; do sleep 0.02; done';
    const onLine = () => interrupt.abort();
    const result = await host.run(sh(script), { signal: interrupt.signal, onLine });
    expect(result).toMatchObject({ failure: "was interrupted", stdout: "begun\nsummary\n" });
    expect(await host.run(["true"], { signal: interrupt.signal })).toMatchObject({ failure: "was interrupted" });
  });

  it("that says more than anybody can hold is ended", async () => {
    const { host } = fakeHypervisor();
    expect(await host.run(["yes"])).toMatchObject({ failure: "said too much" });
  });

  it("is asked again where the connection is lost, over a new one", async () => {
    const { host, node, news } = fakeHypervisor();
    const result = host.run(sh("echo x >>asked; if [ -e go ]; then echo answer; else sleep 600; fi"));
    await until(() => node.list("/").includes("asked"));
    node.write("/go", "");
    node.cut();
    expect((await result).stdout).toBe("answer\n");
    expect(node.read("/asked")).toBe("x\nx\n");
    expect(node.connections).toBe(2);
    expect(news).toEqual([
      "the connection to ssh://root@hv was lost; calling again",
      "connected to ssh://root@hv again",
    ]);
  });
});

describe("a hypervisor that stays away", () => {
  it("is called again for two minutes, by whoever comes later only once, and is there as soon as it answers", async () => {
    let away = false;
    const clock = fakeClock();
    const there = fakeHypervisor();
    const { host, news } = fakeHypervisor({
      remote: {
        clock,
        openStream: () => (away ? connect("/no/such/socket") : there.node.target.openStream()),
      },
    });
    await host.run(["true"]);
    away = true;
    there.node.cut();
    const lost = { code: "E_HYPERVISOR_LOST", exitCode: 4, message: expect.stringContaining("ENOENT") as string };
    await expect(host.run(["true"])).rejects.toMatchObject(lost);
    const waited = clock.pauses.reduce((sum, ms) => sum + ms, 0);
    expect(waited).toBeGreaterThan(115_000);
    expect(waited).toBeLessThan(126_000);
    const calls = news.length;
    await expect(host.run(["true"])).rejects.toMatchObject(lost);
    expect(news.length).toBe(calls + 1);
    away = false;
    expect(await host.run(["echo", "back"])).toMatchObject({ stdout: "back\n" });
  });
});

describe("an act on a hypervisor", () => {
  it("reads its input, which only its owner could have read, and leaves nothing after tidying", async () => {
    const { host, node } = fakeHypervisor();
    expect(await host.run(["tee", "copy"], { input: "text ü\n" })).toMatchObject({ exitCode: 0, stdout: "text ü\n" });
    expect(node.read("/copy")).toBe("text ü\n");
    expect(await host.run(sh("exit 7"), { once: true })).toMatchObject({
      exitCode: 7,
      failure: "failed with exit code 7",
    });
    expect(node.list("/")).toContain(".lab");
    await host.tidy();
    expect(node.list("/")).not.toContain(".lab");
  });

  it("is done once although the connection is lost in its middle, and its end is told", async () => {
    const { host, node } = fakeHypervisor();
    const result = host.run(
      sh("echo x >>done; until [ -e go ]; do sleep 0.01; done; echo said; echo why >&2; exit 5"),
      {
        once: true,
      },
    );
    await until(() => node.list("/").includes("done"));
    node.cut();
    await until(() => node.connections === 2);
    node.write("/go", "");
    expect(await result).toMatchObject({ exitCode: 5, stdout: "said\n", stderr: "why\n" });
    expect(node.read("/done")).toBe("x\n");
  });

  it("that has begun keeps its input when it is sent again: it may read it just then", async () => {
    const got = () => (node.list("/").includes("got") ? node.read("/got") : "");
    let connections = 1;
    const { host, node } = fakeHypervisor({
      onChange(what) {
        if (connections !== node.connections && /^write .*\/input$/.test(what)) {
          node.write("/go", "");
          spin(() => got().endsWith("end\n"));
        }
      },
    });
    const script = "echo >begun; until [ -e go ]; do sleep 0.01; done; { cat; echo end; } >got";
    const result = host.run(sh(script), { once: true, input: "text\n" });
    await until(() => node.list("/").includes("begun"));
    connections = node.connections;
    node.cut();
    await until(() => node.connections === connections + 1);
    await host.run(["true"]);
    node.write("/go", "");
    expect(await result).toMatchObject({ exitCode: 0 });
    expect(got()).toBe("text\nend\n");
  });

  it("that ended while nobody was connected is not done again", async () => {
    const { host, node } = fakeHypervisor();
    let cut = false;
    const result = host.run(sh("echo x >>done"), { once: true });
    await until(() => {
      const done = node.list("/").includes("done");
      if (done && !cut) node.cut();
      return (cut = done);
    });
    expect(await result).toMatchObject({ exitCode: 0 });
    expect(node.read("/done")).toBe("x\n");
  });

  it("of which nobody knows the end says so", async () => {
    const { host, node } = fakeHypervisor();
    const result = host.run(sh("echo $PPID >shell; sleep 600"), { once: true });
    await until(() => node.list("/").includes("shell") && node.read("/shell") !== "");
    node.cut();
    process.kill(-Number(node.read("/shell")), "SIGKILL");
    expect(await result).toMatchObject({ exitCode: undefined, failure: expect.stringContaining("cut off") as string });
  });

  it("that is interrupted is ended, and how it took it is told", async () => {
    const { host, node } = fakeHypervisor();
    const interrupt = new AbortController();
    const result = host.run(sh('trap "exit 9" TERM; echo >begun; while :; do sleep 0.02; done'), {
      once: true,
      signal: interrupt.signal,
    });
    await until(() => node.list("/").includes("begun"));
    interrupt.abort();
    expect(await result).toMatchObject({ exitCode: 9, failure: "was interrupted" });
  });

  it("that a run which was killed has left is ended by the next run before it begins", async () => {
    const first = fakeHypervisor();
    first.host.run(sh("echo $$ >old; sleep 600"), { once: true }).catch(() => undefined);
    await until(() => first.node.list("/").includes("old") && first.node.read("/old") !== "");
    const second = fakeHypervisor({ remote: { openStream: () => first.node.target.openStream() } });
    const old = first.node.read("/old").trim();
    expect(await second.host.run(sh(`kill -0 ${old}`), { once: true })).toMatchObject({ exitCode: 1 });
    expect(first.node.list("/.lab/duo-0123abcd").length).toBe(1);
  });

  it("leaves what it has started in the background to live on", async () => {
    const { host, node } = fakeHypervisor();
    await host.run(sh("sleep 600 >/dev/null 2>&1 & echo $! >child"), { once: true });
    node.cut();
    const child = node.read("/child").trim();
    expect(await host.run(["kill", "-0", child])).toMatchObject({ exitCode: 0 });
    await host.run(["kill", "-KILL", child]);
  });
});

describe("files of a hypervisor", () => {
  it("are read, found and listed, many in one round trip, as root reads them", async () => {
    const { host, node } = fakeHypervisor();
    node.write("/d/one", "text\n\n");
    node.write("/d/.two", "");
    const before = node.commands.length;
    const found = await Promise.all([
      host.read("d/one"),
      host.read("d/none"),
      host.read("d/one/below"),
      host.exists("d/.two"),
      host.exists("d/none"),
      host.list("d"),
      host.list("none"),
      host.list("d/one"),
    ]);
    expect(found).toEqual(["text\n\n", undefined, undefined, true, false, [".two", "one"], [], []]);
    // One more to find out who we are.
    expect(node.commands.length - before).toBe(2);
  });

  it("that cannot be read are an error with the path and the reason", async () => {
    const { host, node } = fakeHypervisor();
    node.write("/d/one", "");
    await expect(host.read("d")).rejects.toMatchObject({
      code: "E_FILE",
      message: expect.stringMatching(/ssh:\/\/root@hv: d: cat: .*directory/) as string,
    });
  });
});

describe("a server that allows few sessions", () => {
  it("gets no more than ten of ours, and fewer where it refuses them", async () => {
    const generous = fakeHypervisor();
    const ask = ({ host }: typeof generous) =>
      Promise.all([
        ...Array.from({ length: 30 }, () => host.run(["true"])),
        ...Array.from({ length: 5 }, () => host.run(["true"], { once: true })),
        ...Array.from({ length: 5 }, () => host.exists("x")),
      ]);
    await ask(generous);
    expect(generous.node.most()).toBeLessThanOrEqual(10);
    expect(generous.node.connections).toBe(1);
    const strict = fakeHypervisor({ mostSessions: 3 });
    await ask(strict);
    expect(strict.node.most()).toBeLessThanOrEqual(4);
  });
});
