/**
 * `npm run freebsd-image -- FILE [--from IMAGE] [--size 4g] [--release 15.1] [--dry-run]`, on FreeBSD as root: the image of
 * FreeBSD servers, with FRR and Apache. `--dry-run` prints the commands, anywhere.
 */
import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { $ } from "zx/core";
import { quoteForShell } from "../../src/remote/quote.ts";
import {
  contentSteps,
  diskSteps,
  fileSteps,
  isFrrNewEnough,
  mountSteps,
  oldestFrr,
  type Options,
  type Places,
  type Step,
  unmountSteps,
  versionStep,
} from "./steps.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    from: { type: "string" },
    size: { type: "string", default: "4g" },
    release: { type: "string", default: "15.1" },
    "dry-run": { type: "boolean", default: false },
  },
});
const isDry = values["dry-run"];
/** bash, which zx looks for, is no part of FreeBSD. */
const sh = $({ shell: "/bin/sh", prefix: "set -e;", quote: (word) => quoteForShell([word]) });

try {
  await build();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function build(): Promise<void> {
  const { out, ...options } = readOptions();
  if (isDry) {
    const places = { disk: "md0", rootPartition: options.from === undefined ? "md0p2" : "md0p4" };
    await fill({ out, ...options }, { ...places, mountPoint: "/tmp/lab-image/root", scratch: "/tmp/lab-image" });
    return;
  }
  if (process.platform !== "freebsd" || process.getuid?.() !== 0) {
    throw new Error(
      "pkg installs into another root only on FreeBSD, and mounts need root\n  → --dry-run shows the commands",
    );
  }
  const scratch = await mkdtemp(join(tmpdir(), "lab-image-"));
  // Whole, or not there.
  const draft = { ...options, out: `${out}.part` };
  let disk: string | undefined;
  try {
    await runAll(fileSteps(draft));
    disk = await capture({ argv: ["mdconfig", "-a", "-t", "vnode", "-f", draft.out] });
    const mountPoint = join(scratch, "root");
    await run({ argv: ["mkdir", mountPoint] });
    await runAll(diskSteps(draft, { disk, rootPartition: `${disk}p2`, mountPoint, scratch }));
    const rootPartition = await findRoot(disk);
    await fill(draft, { disk, rootPartition, mountPoint, scratch }, true);
  } finally {
    if (disk !== undefined) await run({ argv: ["mdconfig", "-d", "-u", disk] });
    await rm(scratch, { recursive: true, force: true });
  }
  await rename(draft.out, out);
  console.log(`${out}\n  → lab image import ${out} --kind freebsd-server`);
}

function readOptions(): Options {
  const [out, ...others] = positionals;
  const [, major, minor] = /^(\d+)\.(\d+)$/.exec(values.release) ?? [];
  if (out === undefined || others.length > 0 || major === undefined || minor === undefined || Number(major) < 15) {
    throw new Error(
      "which file? npm run freebsd-image -- FILE [--from IMAGE] [--size 4g] [--release 15.1] [--dry-run]",
    );
  }
  const release = { major: Number(major), minor: Number(minor) };
  const from = values.from === undefined ? {} : { from: resolve(values.from) };
  return { out: isDry ? out : resolve(out), size: values.size, ...release, ...from };
}

/** The partition with the root file system, by its label: images of other releases have others before it. */
async function findRoot(disk: string): Promise<string> {
  const table = await capture({ argv: ["gpart", "show", "-p", "-l", disk] });
  const found = /\s(\S+)\s+rootfs\s/.exec(table)?.[1];
  if (found === undefined) throw new Error(`no partition of ${disk} is called rootfs:\n${table}`);
  return found;
}

async function fill(options: Options, places: Places, isPartitioned = false): Promise<void> {
  if (!isPartitioned) {
    await runAll(fileSteps(options));
    await run({ argv: ["mdconfig", "-a", "-t", "vnode", "-f", options.out] });
    await runAll(diskSteps(options, places));
  }
  await runAll(mountSteps(places));
  try {
    await runAll(contentSteps(options, places));
    const version = await capture(versionStep(options, places));
    if (!isDry && !isFrrNewEnough(version)) {
      throw new Error(`${version} is too old: ${oldestFrr.join(".")} is needed\n  → try again when pkg has it`);
    }
  } finally {
    await runAll(unmountSteps(places));
  }
  if (!isPartitioned) await run({ argv: ["mdconfig", "-d", "-u", places.disk] });
}

async function runAll(steps: readonly Step[]): Promise<void> {
  for (const step of steps) await run(step);
}

async function run(step: Step): Promise<void> {
  await capture(step);
}

/** Standard output; what people see is standard error, and all that is printed in a dry run. */
async function capture({ argv, input }: Step): Promise<string> {
  const words = argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`)).join(" ");
  console.log(input === undefined ? words : `${words} <<'END'\n${input.trimEnd()}\nEND`);
  if (isDry) return "";
  const { stdout } = await (input === undefined ? sh`${argv}` : sh({ input })`${argv}`);
  return stdout.trim();
}
