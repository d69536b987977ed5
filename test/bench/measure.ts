/** What is measured of one size: the lab, then the raw baseline with the configuration that the lab ended with. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Design } from "../../src/flow/design.ts";
import { generateTopology } from "../../src/topology/generate.ts";
import { lab, labExec, place, timed } from "./program.ts";
import { layOutRaw } from "./raw.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const here = join(root, "test", "bench");

/** Seconds, MiB, and one ratio, by what they are of. */
export type Figures = Record<string, number>;

/** Nodes by size; the reference is the shipped topology. */
const sizes: Readonly<Record<string, readonly [spines: number, leaves: number, servers: number]>> = {
  "52": [4, 16, 2],
  "100": [4, 32, 2],
};

/** Builds the image into an empty cache; how long that takes is mostly the network's doing. */
export function measureImage(): Figures {
  const [, build] = timed(() => lab(["image", "build"], mkdtempSync(join(place, "cache-"))));
  return { "image build": build };
}

export function measure(size: string): Figures {
  const topology = topologyOf(size);
  const design = JSON.parse(lab(["plan", "-t", topology, "--json"])) as Design;
  const name = design.plan.lab;
  settle();
  const [output, up] = timed(() => lab(["up", "-t", topology, "--json"]));
  const { timings, convergeMs, checks } = JSON.parse(output.trim().split("\n").at(-1) ?? "") as {
    timings: Figures;
    convergeMs: number;
    checks: { status: string }[];
  };
  const failed = checks.filter(({ status }) => status !== "pass").length;
  if (failed > 0) throw new Error(`${size}: ${failed} checks did not pass`);
  const [, help] = timed(() => lab(["--help"]));
  const [, status] = timed(() => lab(["status", "-n", name]));
  const routers = design.plan.nodes.filter((node) => node.bgp !== undefined).map((node) => node.name);
  const memory = memoryOf(name, routers);
  const configs = labExec(name, routers, ["cat", "/etc/frr/frr.conf"]);
  const [, down] = timed(() => lab(["down", "-n", name]));
  const raw = runRaw(design, configs);
  const withoutPlaybook = up - (timings["playbook"] ?? 0) / 1000;
  const stages = Object.entries(timings).map(([stage, ms]): [string, number] => [`up: ${stage}`, ms / 1000]);
  return {
    raw,
    up,
    "up without playbook": withoutPlaybook,
    "ratio to raw": withoutPlaybook / raw,
    ...Object.fromEntries(stages),
    "up: converge, in verify": convergeMs / 1000,
    status,
    down,
    "lab --help": help,
    "MiB per router": memory,
  };
}

function topologyOf(size: string): string {
  if (size === "reference") return join(root, "topologies", "anycast.lab.yaml");
  const counts = sizes[size];
  if (counts === undefined) throw new Error(`${size}: image, reference, ${Object.keys(sizes).join(", ")}`);
  const [spines, leaves, servers] = counts;
  const file = join(place, `${size}.lab.yaml`);
  writeFileSync(file, generateTopology({ name: "bench", spines, leaves, servers }));
  return file;
}

/** Waits until the kernel has cleared the namespaces of the run before, which would slow down whatever comes next. */
function settle(): void {
  while (timed(() => execFileSync("unshare", ["--net", "ip", "link", "add", "type", "veth"]))[1] > 0.03);
}

/** Twice at most: FRR 10.3 now and then forgets a next hop for good when a session fails while it starts. */
function runRaw(design: Design, configs: ReadonlyMap<string, string>): number {
  try {
    return runRawOnce(design, configs);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}; once more`);
    return runRawOnce(design, configs);
  }
}

function runRawOnce(design: Design, configs: ReadonlyMap<string, string>): number {
  const directory = mkdtempSync(join(place, "raw-"));
  layOutRaw(directory, design, configs);
  execFileSync("cp", [join(root, "images/embedded/overlay/usr/libexec/lab/solicit"), directory]);
  const image = (JSON.parse(lab(["image", "list", "--json"])) as { root: string }[])[0]?.root ?? "";
  const script = ["sh", join(here, "raw.sh"), image, directory];
  const argv = ["--net", "--mount", "--pid", "--fork", "--kill-child", ...script];
  settle();
  const [{ stdout, stderr }, seconds] = timed(() =>
    spawnSync("unshare", argv, { encoding: "utf8", timeout: 60_000, killSignal: "SIGKILL" }),
  );
  if (!stdout.includes("converged")) throw new Error(`the baseline did not converge: ${stderr}`);
  return seconds;
}

/** Proportional set size of FRR and sshd in MiB, averaged over the routers. */
function memoryOf(name: string, routers: readonly string[]): number {
  const script = "for p in $(cat /run/frr/*.pid /run/sshd.pid); do awk '/^Pss:/{print $2}' /proc/$p/smaps_rollup; done";
  const texts = [...labExec(name, routers, ["sh", "-c", script]).values()];
  const kib = texts.flatMap((text) => text.trim().split("\n").map(Number));
  return kib.reduce((sum, size) => sum + size, 0) / texts.length / 1024;
}
