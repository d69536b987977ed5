import { describe, expect, it } from "vitest";
import type { Act, Wave } from "../../src/drivers/driver.ts";
import { hostBatch, seedFiles } from "../../src/flow/seeds.ts";
import { planWork } from "../../src/flow/work.ts";
import { quoteForShell } from "../../src/remote/quote.ts";
import type { Topology } from "../../src/topology/topology.ts";
import { aliveOf, nothing } from "../fakes/observation.ts";
import { designOf, fixedKeys, withLeaf } from "../fakes/labs.ts";
import { dryDriver } from "../fakes/netns.ts";
import { anycast, anycastDense, duo } from "../render/topologies.ts";

const driver = dryDriver();
/** The waves that bring one topology to another, or to what it is from nothing. */
function wavesOf(before: Topology | undefined, after: Topology): readonly Wave[] {
  const { plan, files } = designOf(after);
  const old = before === undefined ? undefined : designOf(before).plan;
  const work = planWork(old, plan, old === undefined ? nothing : aliveOf(old));
  const seeds = seedFiles(plan, files, fixedKeys(plan));
  return [
    ...(old === undefined ? [] : driver.remove({ plan: old, ...work.remove })),
    ...driver.build({ plan, ...work.make, seeds, hostBatch: hostBatch(plan) }),
  ];
}

function print(waves: readonly Wave[]): string {
  return waves.map((wave) => wave.map(printAct).join("& ")).join("\n");
}

function printAct({ does, argv, input, detached, mayFail }: Act): string {
  const marks = [...(detached === true ? ["detached"] : []), ...(mayFail === true ? ["may fail"] : [])];
  const command = quoteForShell(argv).replaceAll("'$SANDBOX'", "$SANDBOX");
  return `# ${[does, ...marks].join(", ")}\n${command}${printInput(input)}\n`;
}

/** Files are reviewed elsewhere: of an archive only how many it holds. */
function printInput(input: Act["input"]): string {
  if (input === undefined) return "";
  if (typeof input === "string") return ` <<'END'\n${input}END`;
  const files = Array.from({ length: Math.floor(input.length / 512) }, (_, block) =>
    isHeader(input, block * 512),
  ).filter(Boolean);
  return ` < tar of ${files.length} files`;
}

function isHeader(archive: Uint8Array, at: number): boolean {
  return Buffer.from(archive.subarray(at + 257, at + 262)).toString() === "ustar";
}

describe.each([duo, anycast, anycastDense])("the commands of $name", (topology) => {
  const larger = withLeaf(topology);
  const services = topology.services.map((service) => Object.assign({}, service, { prefix: "172.20.0.9/32" }));

  it("are as reviewed: build, one leaf more, one leaf less, another prefix, remove", async () => {
    const { plan } = designOf(topology);
    const text = [
      ["build", wavesOf(undefined, topology)] as const,
      ["one leaf with its server more", wavesOf(topology, larger)] as const,
      ["one leaf with its server less", wavesOf(larger, topology)] as const,
      ["another service address", wavesOf(topology, { ...topology, services })] as const,
      ["remove", driver.removeAll(plan)] as const,
    ].map(([title, waves]) => `### ${title}\n\n${print(waves)}`);
    await expect(text.join("\n")).toMatchFileSnapshot(`../golden/${topology.name}/commands.netns.txt`);
  });

  it("are none where nothing has changed", () => {
    expect(wavesOf(topology, topology)).toEqual([]);
  });

  it("carry no key in an argument", () => {
    const words = wavesOf(undefined, topology).flatMap((wave) => wave.flatMap(({ argv }) => argv));
    expect(words.filter((word) => word.includes("private key"))).toEqual([]);
  });

  it("run as an ordinary user in a user namespace of its own, and else are the same", () => {
    const user = dryDriver({ unprivileged: true });
    const { plan, steps } = designOf(topology);
    const build = { plan, steps, ports: [], replugged: [], rerouted: false, seeds: [], hostBatch: "" };
    const [asUser, asRoot] = [user, driver].map((one) =>
      one.build(build).flatMap((wave) => wave.map(({ argv }) => argv)),
    );
    const extra = new Set(["--user", "--map-root-user", "--map-auto", "--preserve-credentials"]);
    expect(asUser?.map((argv) => argv.filter((word) => !extra.has(word)))).toEqual(asRoot);
    expect(asUser?.every((argv) => argv.includes("--user"))).toBe(true);
  });
});
