/** `lab` as users run it, in a state directory of the benchmark's own. */
import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../bin/lab.mjs", import.meta.url));

/** Removed by whoever started the benchmark. */
export const place = mkdtempSync(join(tmpdir(), "lab-bench-"));
const cache = process.env["LAB_CACHE_DIR"] ?? join(homedir(), ".cache", "lab");

/** Standard output; throws when the program failed, but not when a check did. */
export function lab(args: readonly string[], cacheDirectory = cache): string {
  const env = { ...process.env, LAB_STATE_DIR: join(place, "labs"), LAB_CACHE_DIR: cacheDirectory };
  const options = { encoding: "utf8", env, maxBuffer: 1e9 } as const;
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, ...args], options);
  if (status !== 0 && status !== 1) throw new Error(`lab ${args.join(" ")}: exit code ${status}\n${stderr}`);
  return stdout;
}

/** What `lab exec --json` prints: each node's standard output. */
export function labExec(name: string, nodes: readonly string[], command: readonly string[]): Map<string, string> {
  const lines = lab(["exec", "-n", name, "--json", nodes.join(","), "--", ...command]);
  const answers = lines.trim().split("\n");
  return new Map(
    answers
      .map((line) => JSON.parse(line) as { node: string; stdout: string })
      .map(({ node, stdout }) => [node, stdout]),
  );
}

/** Seconds that some work takes, and what it gives. */
export function timed<T>(work: () => T): [T, number] {
  const start = Date.now();
  const result = work();
  return [result, (Date.now() - start) / 1000];
}
