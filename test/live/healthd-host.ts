/** A server of its own for healthd: a network namespace (and a user namespace, so that nobody has to be root). */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";
import { renderHealthd } from "../../src/healthd/config/render.ts";
import { defaultRules, type Rules, type Service } from "../../src/healthd/config/service.ts";
import { deployedFiles, libexec } from "../../src/healthd/deploy.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const program = join(root, "dist/healthd/main.js");

export interface HealthdHost {
  readonly folder: string;
  /** A program in the namespace; ended with the test. */
  start(argv: readonly string[]): ChildProcess;
  run(...argv: readonly string[]): string;
  /** An HTTP server on port 8080, known by the watched pidfile. */
  serve(): Promise<ChildProcess>;
  healthd(...words: readonly string[]): ChildProcess;
  /** healthctl: its exit code and what it printed. */
  ctl(...words: readonly string[]): { readonly code: number; readonly text: string };
  configure(rules?: Partial<Rules>): void;
  /** IPv4 addresses of lo1 and up, as `lo1 172.20.0.1/32`. */
  addresses(): readonly string[];
  /** What the kernel told of lo1 but renewals: `up`, `down`, `gone` and `address gone`. */
  readonly events: string[];
}

/** @param own another user namespace, in which we are root; without it we have to be */
export async function startHost(own = true): Promise<HealthdHost> {
  const folder = mkdtempSync(join(tmpdir(), "healthd-live-"));
  // healthd may be somebody else.
  chmodSync(folder, 0o755);
  for (const name of ["etc", "run"]) mkdirSync(join(folder, name));
  const children: ChildProcess[] = [];
  const track = (child: ChildProcess): ChildProcess => {
    children.push(child);
    return child;
  };
  const flags = own ? ["--user", "--map-root-user", "--net"] : ["--net"];
  const holder = track(spawn("unshare", [...flags, "sh", "-c", "ip link set lo up; echo; exec sleep 1000"]));
  onTestFinished(async () => {
    for (const child of children.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    rmSync(folder, { recursive: true, force: true });
  });
  await once(holder.stdout ?? holder, "data");
  const enter = [
    "nsenter",
    `--target=${holder.pid}`,
    ...(own ? ["--user", "--preserve-credentials"] : []),
    "--net",
    "--",
  ];
  const places = ["--config", join(folder, "etc"), "--run", join(folder, "run")];
  const start = (argv: readonly string[]): ChildProcess => {
    const [first = "", ...rest] = [...enter, ...argv];
    return track(spawn(first, rest, { stdio: ["ignore", "pipe", "inherit"] }));
  };
  const run = (...argv: readonly string[]): string => {
    const [first = "", ...rest] = [...enter, ...argv];
    return execFileSync(first, rest, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  };
  const events: string[] = [];
  const monitor = start(["ip", "-oneline", "monitor", "address", "link"]);
  if (monitor.stdout !== null) {
    createInterface({ input: monitor.stdout }).on("line", (line) => events.push(...readEvent(line)));
  }
  // It listens when it tells of a change; those before are lost.
  await waitFor(() => {
    if (events.length === 0) {
      run("ip", "link", "add", "lo1", "type", "bridge");
      run("ip", "link", "delete", "lo1");
    }
    return events.includes("gone");
  });
  events.length = 0;

  return {
    folder,
    events,
    start,
    run,
    serve: async () => {
      const script =
        "require('http').createServer((_, response) => response.end('It works!')).listen(8080, () => console.log(''))";
      const server = start(["node", "-e", script]);
      if (server.stdout !== null) await once(server.stdout, "data");
      writeFileSync(join(folder, "web.pid"), `${server.pid}\n`);
      return server;
    },
    healthd: (...words) =>
      start(["node", program, "run", ...places, "--actuator", join(root, "images/healthd/actuator"), ...words]),
    ctl: (...words) => {
      try {
        return { code: 0, text: run("node", program, ...words, ...places) };
      } catch (error) {
        const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
        return { code: status, text: `${stdout}${stderr}` };
      }
    },
    configure: (rules = {}) => {
      for (const { path, text } of renderHealthd([webService(folder, rules)])) {
        writeFileSync(join(folder, "etc", path), text);
      }
    },
    addresses: () => {
      const lines = run("ip", "-4", "-oneline", "address", "show").trim().split("\n");
      const found = lines.map((line) => /^\d+: (lo\d+) +inet ([0-9./]+)/.exec(line));
      return found.flatMap((match) => (match === null ? [] : [`${match[1]} ${match[2]}`])).toSorted();
    },
  };
}

/** Puts what is deployed below a folder of the test, as it would be below `/`. @returns the supervising program */
export function deploy(folder: string): string {
  const built = join(root, "dist/healthd");
  const modules = readdirSync(built, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
  for (const file of deployedFiles(modules, "plain")) {
    const to = join(folder, file.to);
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(join(file.built ? built : root, file.from), to);
    chmodSync(to, file.mode);
  }
  return join(folder, libexec, "plain");
}

/** Waits longer than a busy machine takes. */
export async function waitFor(holds: () => boolean): Promise<void> {
  await expect.poll(holds, { timeout: 60_000, interval: 20 }).toBe(true);
}

function webService(folder: string, rules: Partial<Rules>): Service {
  return {
    name: "web",
    prefixes: ["172.20.0.1/32"],
    interface: "lo1",
    check: {
      kind: "http",
      target: { address: "127.0.0.1", port: 8080 },
      method: "GET",
      path: "/",
      statuses: [[200, 299]],
      body: { by: "text", value: "It works!" },
      tls: { verify: true },
    },
    // A machine that is busy with other tests is slow.
    rules: { ...defaultRules, timeoutMs: 1000, drainMs: 1000, holdDownMs: 0, leaseMs: 60_000, ...rules },
    disableFile: join(folder, "run/web.disable"),
    watchPid: join(folder, "web.pid"),
  };
}

function readEvent(line: string): readonly string[] {
  if (!/\blo1\b/.test(line) || line.includes("inet6")) return [];
  if (/^Deleted .* inet /.test(line)) return ["address gone"];
  if (/ inet /.test(line)) return [];
  if (line.startsWith("Deleted")) return ["gone"];
  return [/<[^>]*\bUP\b/.test(line) ? "up" : "down"];
}
