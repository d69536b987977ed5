/**
 * `npm run bench [-- --sizes reference,52,100] [--runs 5]`: `lab up` against the raw baseline, in turn in the same run,
 * as a table on stderr and JSON on stdout. Root only: the baseline has no user namespace.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Design } from "../../src/flow/design.ts";
import { layOutRaw } from "./raw.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const program = join(here, "../../bin/lab.mjs");
const state = mkdtempSync(join(tmpdir(), "lab-bench-"));
const { values } = parseArgs({
  options: { sizes: { type: "string", default: "reference,52,100" }, runs: { type: "string", default: "5" } },
});

const sizes: Readonly<Record<string, readonly string[] | undefined>> = {
  reference: undefined,
  "52": ["--spines", "4", "--leaves", "16", "--servers", "2"],
  "100": ["--spines", "4", "--leaves", "32", "--servers", "2"],
};

type Figures = Record<string, number>;

const results: Record<string, { median: Figures; runs: Figures[] }> = {};
for (const size of values.sizes.split(",")) {
  const runs: Figures[] = [];
  const count = size === "100" ? Math.min(3, Number(values.runs)) : Number(values.runs);
  for (let run = 0; run < count; run += 1) runs.push(measure(size));
  results[size] = { median: medians(runs), runs };
  show(size, results[size].median);
}
rmSync(state, { recursive: true, force: true });
process.stdout.write(`${JSON.stringify(results)}\n`);

/** Waits until the kernel has cleared the namespaces of the run before, which would slow down whatever comes next. */
function settle(): void {
  for (let start = Date.now(), took = Infinity; took > 30; took = Date.now() - start) {
    start = Date.now();
    execFileSync("unshare", ["--net", "ip", "link", "add", "type", "veth"]);
  }
}

/** One run of the lab, then one of the baseline with the configuration the lab ended with. Seconds and MiB. */
function measure(size: string): Figures {
  const topology = join(state, `${size}.lab.yaml`);
  const generate = sizes[size];
  if (generate === undefined) execFileSync("cp", [join(here, "../../topologies/anycast.lab.yaml"), topology]);
  else
    execFileSync("sh", ["-c", 'exec node "$0" "$@" > "$TO"', program, "generate", "--name", "bench", ...generate], {
      env: { ...process.env, TO: topology },
    });
  const design = JSON.parse(lab("plan", "-t", topology, "--json")) as Design;
  settle();
  const upAt = Date.now();
  const output = lab("up", "-t", topology, "--json");
  const up = since(upAt);
  const { timings, verdicts } = JSON.parse(output.trim().split("\n").at(-1) ?? "") as {
    timings: Figures;
    verdicts: { status: string }[];
  };
  const failed = verdicts.filter(({ status }) => status !== "pass").length;
  if (failed > 0) process.stderr.write(`${size}: ${failed} checks did not pass\n`);
  const name = design.plan.lab;
  const helpAt = Date.now();
  lab("--help");
  const help = since(helpAt);
  const statusAt = Date.now();
  lab("status", "-n", name);
  const status = since(statusAt);
  const memory = memoryPerRouter(design, name);
  const configs = readConfigs(design, name);
  const downAt = Date.now();
  lab("down", "-n", name);
  const down = since(downAt);
  const raw = runRaw(design, configs);
  const stages = Object.fromEntries(Object.entries(timings).map(([stage, ms]) => [`up: ${stage}`, ms / 1000]));
  const played = (timings["playbook"] ?? 0) / 1000;
  return {
    raw,
    up,
    "up without playbook": up - played,
    ratio: (up - played) / raw,
    ...stages,
    status,
    down,
    help,
    "MiB per router": memory,
  };
}

function runRaw({ plan }: Design, configs: ReadonlyMap<string, string>): number {
  const directory = mkdtempSync(join(state, "raw-"));
  layOutRaw(directory, plan, configs);
  const image = (JSON.parse(lab("image", "list", "--json")) as { root: string }[])[0]?.root ?? "";
  const leaves = plan.nodes.filter((node) => node.role === "leaf").length;
  settle();
  const start = Date.now();
  const argv = [
    "--net",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child",
    "sh",
    join(here, "raw.sh"),
    image,
    directory,
    String(leaves),
  ];
  execFileSync("cp", [join(here, "../../images/embedded/overlay/usr/libexec/lab/solicit"), directory]);
  const { stdout, stderr } = spawnSync("unshare", argv, { encoding: "utf8", timeout: 300_000 });
  if (!stdout.includes("converged")) throw new Error(`the baseline did not converge: ${stderr}`);
  return since(start);
}

function readConfigs({ plan }: Design, name: string): Map<string, string> {
  const routers = plan.nodes.filter((node) => node.bgp !== undefined).map((node) => node.name);
  const lines = lab("exec", "-n", name, "--json", routers.join(","), "--", "cat", "/etc/frr/frr.conf")
    .trim()
    .split("\n");
  return new Map(
    lines.map((line) => JSON.parse(line) as { node: string; stdout: string }).map(({ node, stdout }) => [node, stdout]),
  );
}

/** Proportional set size of FRR and sshd, averaged over the routers. */
function memoryPerRouter({ plan }: Design, name: string): number {
  const routers = plan.nodes.filter((node) => node.bgp !== undefined).map((node) => node.name);
  const script = "for p in $(cat /run/frr/*.pid /run/sshd.pid); do awk '/^Pss:/{print $2}' /proc/$p/smaps_rollup; done";
  const output = lab("exec", "-n", name, "--json", routers.join(","), "--", "sh", "-c", script).trim().split("\n");
  const sums = output.map((line) =>
    (JSON.parse(line) as { stdout: string }).stdout
      .trim()
      .split("\n")
      .reduce((sum, kib) => sum + Number(kib), 0),
  );
  return sums.reduce((sum, kib) => sum + kib, 0) / sums.length / 1024;
}

function lab(...args: string[]): string {
  const env = {
    ...process.env,
    LAB_STATE_DIR: join(state, "labs"),
    LAB_CACHE_DIR: process.env["LAB_CACHE_DIR"] ?? join(homedir(), ".cache", "lab"),
  };
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, ...args], {
    encoding: "utf8",
    env,
    maxBuffer: 1e9,
  });
  if (status !== 0 && status !== 1) throw new Error(`lab ${args.join(" ")}: exit code ${status}\n${stderr}`);
  return stdout;
}

function since(start: number): number {
  return (Date.now() - start) / 1000;
}

function medians(runs: readonly Figures[]): Figures {
  const keys = Object.keys(runs[0] ?? {});
  return Object.fromEntries(
    keys.map((key) => [
      key,
      runs.map((run) => run[key] ?? 0).toSorted((a, b) => a - b)[Math.floor(runs.length / 2)] ?? 0,
    ]),
  );
}

function show(size: string, median: Figures): void {
  const cells = Object.entries(median).map(([what, figure]) => `  ${what.padEnd(22)} ${figure.toFixed(2)}`);
  process.stderr.write(`${size} (medians)\n${cells.join("\n")}\n`);
}
