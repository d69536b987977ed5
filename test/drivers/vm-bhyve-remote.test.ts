import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Act, Driver, Wave } from "../../src/drivers/driver.ts";
import { vmBhyveDriver } from "../../src/drivers/vm-bhyve/driver.ts";
import { planWork } from "../../src/flow/work.ts";
import type { Plan } from "../../src/plan/model.ts";
import { systemClock } from "../../src/system/clock.ts";
import { type FakeHypervisor, fakeHypervisor, type FakeHypervisorOptions } from "../fakes/hypervisor.ts";
import { designOf } from "../fakes/labs.ts";
import { emptyTraces, makeVmHost, performAll, quick, type VmHostFake } from "../fakes/vm-host.ts";
import { duo } from "../render/topologies.ts";

// The emulator starts hundreds of processes: seconds of an idle machine, many of a busy one's.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

const owner = "duo-0123abcd";
/** Everything comes in the end; nothing here is waited for that does not. */
const timing = { ...quick, copyMs: 120_000, startMs: 60_000, stopMs: 20_000, goneMs: 60_000 };
const { plan } = designOf(duo, "vm-bhyve");

interface Remote extends FakeHypervisor {
  readonly vm: VmHostFake;
  readonly driver: Driver;
}

/** The emulated hypervisor behind SSH. */
async function makeRemote(options: FakeHypervisorOptions = {}): Promise<Remote> {
  const vm = await makeVmHost();
  const far = fakeHypervisor({
    env: vm.env,
    ...options,
    remote: { root: vm.root, clock: systemClock, ...options.remote },
  });
  const driver = vmBhyveDriver({ host: far.host, clock: systemClock, owner, timing, parallel: 4 });
  return { ...far, vm, driver };
}

async function wavesOf(driver: Driver, of: Plan = plan): Promise<readonly Wave[]> {
  const work = planWork(undefined, of, await driver.observe(of));
  return driver.build({ plan: of, ...work.make, seeds: [], hostBatch: "" });
}

describe("a lab on a hypervisor behind SSH", () => {
  it("is built by the very commands that are run on it itself, observed, and removed without a trace", async () => {
    const { driver, vm, node } = await makeRemote();
    const waves = await wavesOf(driver);
    await performAll(driver, waves);
    const seen = await driver.observe(plan);
    expect(planWork(plan, plan, seen)).toMatchObject({ fresh: false, make: { steps: [], ports: [] }, reasons: [] });
    expect(await driver.destroy()).toEqual({ removed: { guests: 5, switches: 5 }, left: [] });
    expect(vm.traces()).toEqual(emptyTraces);
    expect(node.list("/")).not.toContain(".lab");
    expect(node.connections).toBe(1);
    expect(node.most()).toBeLessThanOrEqual(10);
  });

  it("is the lab that a run on the hypervisor itself sees, and the other way round", async () => {
    const { driver, vm } = await makeRemote();
    await performAll(driver, await wavesOf(driver));
    const own = vm.driver(owner);
    expect(await own.observe(plan)).toEqual(await driver.observe(plan));
    expect((await own.destroy()).left).toEqual([]);
    expect((await driver.observe(plan)).running).toBe(false);
  });

  it("has guests that go on when the connection is lost", async () => {
    const { driver, vm, node } = await makeRemote();
    await performAll(driver, await wavesOf(driver));
    node.cut();
    expect((await driver.observe(plan)).guests.length).toBe(5);
    expect(vm.traces()["devices"]?.length).toBe(5);
    await driver.destroy();
  });

  it.each(["doas", "sudo"])("is built and removed as root by %s, where the login is another", async (program) => {
    const { driver, vm, node, host } = await makeRemote();
    node.program("id", "echo 1001");
    node.program(program, '[ "$1" = -n ] || exit 1; shift; echo "$*" >>"$ROOT/elevated"; AS_ROOT=yes exec "$@"');
    // Whoever is not root does nothing with it.
    for (const tool of ["vm", "tee", "ifconfig", "lockf"]) {
      node.program(tool, `[ -n "$AS_ROOT" ] || { echo "not root" >&2; exit 1; }\nexec ${vm.program(tool)} "$@"`);
    }
    expect(await host.probe()).toMatchObject([{ status: "good" }, { what: `root, by ${program} -n`, status: "good" }]);
    await performAll(driver, await wavesOf(driver));
    expect((await driver.destroy()).left).toEqual([]);
    expect(vm.traces()).toEqual(emptyTraces);
    expect(node.read("/elevated")).toContain("vm start");
  });
});

describe("a connection that is lost in the middle of an act", () => {
  /** The connection is cut as soon as the command of an act has begun, or has ended and nobody was told yet. */
  const moments = ["as it begins", "when it has ended"] as const;

  it.each(moments)("leaves every act of build and removal done once, %s", async (moment) => {
    const { driver, vm, node, host, news } = await makeRemote();
    const lost: string[] = [];
    const ran = () => readFileSync(`${vm.root}/ran`, "utf8").split("\n").filter(Boolean);
    vm.write("ran", "");
    // Stands between env(1) and the command, which nothing else does for acts alone.
    const perform = host.run;
    const cutting: typeof host.run = (argv, options) => {
      if (options?.once !== true) return perform(argv, options);
      lost.push(argv.join(" "));
      const mark = `${vm.root}/cut-${lost.length}`;
      const wrapped =
        moment === "as it begins" ? `echo >${mark}; sleep 0.05; "$@"` : `"$@"; s=$?; echo >${mark}; exit $s`;
      const script = `printf "%s\\n" "$*" >>${vm.root}/ran; ${wrapped}`;
      cutWhen(mark, node.cut);
      return perform(["sh", "-c", script, "sh", ...argv], options);
    };
    const cut = vmBhyveDriver({
      host: { ...host, run: cutting },
      clock: systemClock,
      owner,
      timing,
      parallel: 4,
    });
    await performAll(cut, await wavesOf(cut));
    expect((await driver.observe(plan)).guests.length).toBe(5);
    expect(ran().toSorted()).toEqual(lost.toSorted());
    expect(ran().filter((line) => line.startsWith("vm start")).length).toBe(5);
    expect((await cut.destroy()).left).toEqual([]);
    expect(vm.traces()).toEqual(emptyTraces);
    expect(ran().toSorted()).toEqual(lost.toSorted());
    expect(news.length).toBeGreaterThan(10);
  });

  it("leaves every file whole, while it is sent", async () => {
    let node: FakeHypervisor["node"] | undefined;
    let steps = 0;
    const { driver, vm, ...far } = await makeRemote({
      // At directories, names and texts of files, with more and more between: at the triangular numbers.
      onChange(what) {
        if (!what.includes(".lab/")) return;
        steps += 1;
        if (Number.isInteger(Math.sqrt(8 * steps + 1))) node?.cut();
      },
    });
    node = far.node;
    await performAll(driver, await wavesOf(driver));
    expect(far.node.connections).toBeGreaterThan(5);
    expect(vm.read("vm/6x-leaf01/6x-leaf01.conf")).toMatch(
      /^lab_owner="duo-0123abcd"\n[^]*network3_mac="[0-9a-f:]{17}"\n$/,
    );
    expect((await driver.destroy()).left).toEqual([]);
    expect(vm.traces()).toEqual(emptyTraces);
  });

  it("is given up where the hypervisor stays away, and what was made is still found", async () => {
    let away = false;
    const gone = await makeRemote();
    const far = fakeHypervisor({
      env: gone.vm.env,
      remote: {
        root: gone.vm.root,
        openStream: () => {
          if (away) throw new Error("connect ECONNREFUSED");
          return gone.node.target.openStream();
        },
      },
    });
    const driver = vmBhyveDriver({ host: far.host, clock: systemClock, owner, timing });
    const waves = await wavesOf(driver);
    await performAll(driver, waves.slice(0, 4));
    away = true;
    gone.node.cut();
    const [next] = waves[4] ?? [];
    await expect(driver.perform(next as Act)).rejects.toMatchObject({
      code: "E_HYPERVISOR_LOST",
      exitCode: 4,
      hint: expect.stringContaining("lab up goes on") as string,
    });
    away = false;
    expect((await driver.destroy()).left).toEqual([]);
    expect(gone.vm.traces()).toEqual(emptyTraces);
  });
});

describe("a run that is killed", () => {
  it("leaves an act under way, which the next run ends or waits for before it removes everything", async () => {
    const { driver, vm, node, host } = await makeRemote();
    await performAll(driver, await wavesOf(driver));
    // It copies for ever, as a large image does.
    void host
      .run(["sh", "-c", `cd ${vm.root}; echo $$ >copying; exec sleep 600`], { once: true })
      .catch(() => undefined);
    await vi.waitFor(() => expect(vm.read("copying")).toMatch(/\d/));
    const later = fakeHypervisor({ remote: { root: vm.root, openStream: () => node.target.openStream() } });
    const next = vmBhyveDriver({ host: later.host, clock: systemClock, owner, timing });
    expect((await next.destroy()).left).toEqual([]);
    expect(vm.traces()).toEqual(emptyTraces);
  });
});

/** Cuts once the file is there; gives up with the test. */
function cutWhen(mark: string, cut: () => void): void {
  const look = () => {
    try {
      readFileSync(mark);
    } catch {
      timer = setTimeout(look, 1);
      return;
    }
    cut();
  };
  let timer = setTimeout(look, 1);
  afterTest.push(() => clearTimeout(timer));
}

const afterTest: (() => void)[] = [];
afterEach(() => {
  for (const stop of afterTest.splice(0)) stop();
});
