import { describe, expect, it } from "vitest";
import type { Driver, Observation, Wave } from "../../src/drivers/driver.ts";
import { describePlacing, describeWaves } from "../../src/flow/preview.ts";
import { seedFiles } from "../../src/flow/seeds.ts";
import { planWork } from "../../src/flow/work.ts";
import type { Topology } from "../../src/topology/topology.ts";
import { aliveOf, nothing } from "../fakes/observation.ts";
import { designOf, fixedKeys, withLeaf } from "../fakes/labs.ts";
import { filledCache } from "../fakes/image-cache.ts";
import { dryVmDriver, onZfs } from "../fakes/vm-bhyve.ts";
import { anycast, anycastDense, duo } from "../render/topologies.ts";

/** The waves that bring one topology to another, or to what it is from nothing; `seen` changes what is there. */
function wavesOf(
  driver: Driver,
  before: Topology | undefined,
  after: Topology,
  seen: (alive: Observation) => Observation = (alive) => alive,
): readonly Wave[] {
  const { plan, files } = designOf(after, "vm-bhyve");
  const old = before && designOf(before, "vm-bhyve").plan;
  const observed = seen(old === undefined ? nothing : aliveOf(old));
  const work = planWork(old, plan, observed);
  const seeds = seedFiles(plan, files, fixedKeys(plan));
  return [
    ...(old === undefined ? [] : driver.remove({ plan: old, ...work.remove })),
    ...driver.build({ plan, ...work.make, seeds, cloned: observed.cloned ?? [], hostBatch: "" }),
  ];
}

/** What each act is about: a switch, or what is done to a guest. */
const order = (waves: readonly Wave[]) => argvsOf(waves).map((argv) => (argv.includes("switch") ? "switch" : argv[1]));
const withoutLeaf = (alive: Observation) => ({ ...alive, guests: alive.guests.filter((name) => name !== "leaf01") });
const argvsOf = (waves: readonly Wave[]) => waves.flatMap((wave) => wave.map(({ argv }) => argv));

describe.each([duo, anycast, anycastDense])("the commands of $name on vm-bhyve", (topology) => {
  const larger = withLeaf(topology);
  const images = filledCache("debian-frr", "freebsd-server");
  const driver = dryVmDriver(topology.name, { images });
  const { plan } = designOf(topology, "vm-bhyve");
  const build = wavesOf(driver, undefined, topology);

  it("are as reviewed: images, build, one leaf more, one leaf less, remove", async () => {
    const text = [
      ["images", describePlacing(await driver.placeImages?.(plan))] as const,
      ["build", describeWaves(build)] as const,
      ["one leaf with its server more", describeWaves(wavesOf(driver, topology, larger))] as const,
      ["one leaf with its server less", describeWaves(wavesOf(driver, larger, topology))] as const,
      ["remove", describeWaves(driver.removeAll(plan))] as const,
    ].map(([title, lines]) => `### ${title}\n\n${lines.join("\n")}\n`);
    await expect(text.join("\n")).toMatchFileSnapshot(`../golden/${topology.name}/commands.vm-bhyve.txt`);
  });

  it("are none where nothing has changed", () => {
    expect(wavesOf(driver, topology, topology)).toEqual([]);
  });

  it("make and remove switches one at a time, each under the host's lock", () => {
    for (const waves of [build, driver.removeAll(plan)]) {
      const switching = waves.filter((wave) => wave.some(({ argv }) => argv.includes("switch")));
      expect(switching.length).toBe(plan.segments.length);
      expect(switching.every((wave) => wave.length === 1 && wave[0]?.argv[0] === "lockf")).toBe(true);
    }
  });

  it("make all switches before the first guest, and remove them after the last", () => {
    const up = order(build);
    expect(up.lastIndexOf("switch")).toBeLessThan(up.indexOf("create"));
    const down = order(driver.removeAll(plan));
    expect(down.lastIndexOf("destroy")).toBeLessThan(down.indexOf("switch"));
  });

  it("put options before names, use -f, and never touch all guests of the host", () => {
    const all = [...argvsOf(build), ...argvsOf(driver.removeAll(plan))];
    const vm = all.flatMap((argv) => (argv.includes("vm") ? [argv.slice(argv.indexOf("vm") + 1)] : []));
    expect(vm.every((words) => !(words.at(-1) ?? "-").startsWith("-"))).toBe(true);
    expect(vm.filter(([word]) => word?.endsWith("all"))).toEqual([]);
    const risky = vm.filter(([word]) => word === "destroy" || word === "poweroff");
    expect(risky.every(([, option]) => option === "-f")).toBe(true);
    expect(risky.length).toBeGreaterThan(0);
  });

  it("write no file of which another act of the same wave asks what it says", () => {
    const all = [...build, ...driver.removeAll(plan)];
    const clashes = all.flatMap((wave) => {
      const written = new Set(wave.flatMap(({ argv }) => (argv[0] === "tee" ? [argv[1] ?? ""] : [])));
      return wave.flatMap((act) =>
        [...(act.needs ?? []), ...(act.when ?? [])].flatMap((condition) =>
          "file" in condition && written.has(condition.file) && act.argv[1] !== condition.file ? [act.does] : [],
        ),
      );
    });
    expect(clashes).toEqual([]);
  });

  it("start each guest by a command of its own", () => {
    const guests = plan.nodes.filter(({ guest }) => guest.os !== "host").length;
    const starts = argvsOf(build).filter((argv) => argv[0] === "vm" && argv[1] === "start");
    expect(starts.map((argv) => argv.length)).toEqual(Array.from({ length: guests }, () => 3));
  });

  it("leave the spines alone where only a leaf is made anew", () => {
    const words = argvsOf(wavesOf(driver, topology, topology, withoutLeaf))
      .flat()
      .join(" ");
    expect(words).toContain("leaf01");
    expect(words).not.toContain("spine");
    expect(words).not.toContain("switch");
  });
});

describe("the commands of duo where vm_dir is a ZFS dataset", () => {
  const driver = dryVmDriver("duo", { images: filledCache("debian-frr", "freebsd-server") }, onZfs);
  const { plan } = designOf(duo, "vm-bhyve");

  it("are as reviewed: images become snapshots, and disks clones of them", async () => {
    const { cloned = [] } = await driver.observe(plan);
    const disks = wavesOf(driver, undefined, duo, (seen) => ({ ...seen, cloned })).filter((wave) =>
      wave.some(({ does }) => /clone|the disk|a disk/.test(does)),
    );
    const removal = driver
      .removeAll(plan)
      .filter((wave) => wave.some(({ argv }) => /\b(vm|zfs) destroy/.test(argv.join(" "))));
    const text = [
      ["images", describePlacing(await driver.placeImages?.(plan))] as const,
      ["disks, in place of copies", describeWaves(disks)] as const,
      ["what takes them away", describeWaves(removal)] as const,
    ].map(([title, lines]) => `### ${title}\n\n${lines.join("\n")}\n`);
    await expect(text.join("\n")).toMatchFileSnapshot("../golden/duo/commands.vm-bhyve-zfs.txt");
  });
});

describe("a link whose MTU has changed", () => {
  it("is a new switch, made before its two guests start again with taps as wide as it", () => {
    const [first, ...others] = duo.links;
    if (first === undefined) throw new Error("duo has links");
    const narrower = { ...duo, links: [{ ...first, mtu: 4000 }, ...others] };
    const commands = argvsOf(wavesOf(dryVmDriver("duo"), duo, narrower)).map((argv) => argv.join(" "));
    const told = commands
      .filter((line) => /vm (switch|start|create)|mtu/.test(line))
      .map((line) => line.replace(/^lockf.*vm /, "vm "));
    expect(told).toEqual([
      "vm switch destroy 6xsp01lf01",
      "vm switch create 6xsp01lf01",
      "ifconfig vm-6xsp01lf01 mtu 4000",
      "vm start 6x-spine01",
      "vm start 6x-leaf01",
    ]);
  });

  it("leaves everybody alone where only a guest's memory has changed, but that guest", () => {
    const before = designOf(duo, "vm-bhyve").plan;
    const nodes = before.nodes.map((node) =>
      node.name === "leaf01" && node.machine ? { ...node, machine: { ...node.machine, memoryMiB: 768 } } : node,
    );
    const work = planWork(before, { ...before, nodes }, aliveOf(before));
    expect(work.make.steps.map(({ id }) => id)).toEqual(["guest:leaf01"]);
    expect(work.remove.steps.map(({ id }) => id)).toEqual(["guest:leaf01"]);
    expect(new Set(work.make.ports.map(({ node }) => node))).toEqual(new Set(["leaf01"]));
  });
});
