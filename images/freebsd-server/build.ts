/**
 * `npm run freebsd-image -- FILE [--from IMAGE] [--size 4g] [--release 15.1] [--dry-run]`, on FreeBSD as root: the image of
 * FreeBSD servers, with FRR, Apache and Node.js. `lab image build --kind freebsd-server` runs it. Standard output is the list
 * of its packages; `--dry-run` prints the commands there, anywhere. `--discard` gives back what a killed run holds of FILE.
 */
import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { $ } from "zx/core";
import { quoteForShell } from "../../src/remote/quote.ts";
import {
  contentSteps,
  discardStep,
  diskSteps,
  fileSteps,
  isFrrNewEnough,
  mountSteps,
  oldestFrr,
  type Options,
  packagesStep,
  type Places,
  type Step,
  unmountSteps,
} from "./steps.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    from: { type: "string" },
    size: { type: "string", default: "4g" },
    release: { type: "string", default: "15.1" },
    discard: { type: "boolean", default: false },
    "dry-run": { type: "boolean", default: false },
  },
});
const isDry = values["dry-run"];
/** bash, which zx looks for, is no part of FreeBSD. */
const sh = $({ shell: "/bin/sh", prefix: "set -e;", quote: (word) => quoteForShell([word]) });

try {
  await main(readOptions());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main(options: Options): Promise<void> {
  if (!isDry && (process.platform !== "freebsd" || process.getuid?.() !== 0)) {
    throw new Error(
      "pkg installs into another root only on FreeBSD, and mounts need root\n  → --dry-run shows the commands",
    );
  }
  if (values.discard) return run(discardStep(options.out));
  // Whole, or not there.
  const draft = { ...options, out: `${options.out}.part` };
  const scratch = isDry ? "/tmp/lab-image" : await mkdtemp(join(tmpdir(), "lab-image-"));
  try {
    const packages = await build(draft, scratch);
    if (isDry) return;
    await rename(draft.out, options.out);
    console.log(packages);
  } finally {
    if (!isDry) await rm(scratch, { recursive: true, force: true });
  }
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

/** Makes the file; returns its packages, `name version` a line. */
async function build(options: Options, scratch: string): Promise<string> {
  await run(discardStep(options.out));
  await runAll(fileSteps(options));
  const disk = await capture({ argv: ["mdconfig", "-a", "-t", "vnode", "-f", options.out] }, "md0");
  try {
    const mountPoint = join(scratch, "root");
    await run({ argv: ["mkdir", "-p", mountPoint] });
    await runAll(diskSteps(options, disk));
    const places = { disk, rootPartition: await findRoot(options, disk), mountPoint, scratch };
    return await fill(options, places);
  } finally {
    await run({ argv: ["mdconfig", "-d", "-u", disk] });
  }
}

/** The partition with the root file system, by its label: images of other releases have others before it. */
async function findRoot({ from }: Options, disk: string): Promise<string> {
  const usual = ` ${disk}p${from === undefined ? 2 : 4} rootfs `;
  const table = await capture({ argv: ["gpart", "show", "-p", "-l", disk] }, usual);
  const found = /\s(\S+)\s+rootfs\s/.exec(table)?.[1];
  if (found === undefined) throw new Error(`no partition of ${disk} is called rootfs:\n${table}`);
  return found;
}

async function fill(options: Options, places: Places): Promise<string> {
  await runAll(mountSteps(places));
  try {
    await runAll(contentSteps(options, places));
    const packages = await capture(packagesStep(options, places));
    if (!isDry && !isFrrNewEnough(packages)) {
      throw new Error(`its FRR is too old: ${oldestFrr.join(".")} is needed\n  → try again when pkg has it`);
    }
    return packages;
  } finally {
    await runAll(unmountSteps(places));
  }
}

async function runAll(steps: readonly Step[]): Promise<void> {
  for (const step of steps) await run(step);
}

async function run(step: Step): Promise<void> {
  await capture(step);
}

/** Standard output of a command that is shown; in a dry run nothing but shown, with an answer that is as good as any. */
async function capture({ argv, input }: Step, dryAnswer = ""): Promise<string> {
  const words = argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`)).join(" ");
  const shown = input === undefined ? words : `${words} <<'END'\n${input.trimEnd()}\nEND`;
  if (isDry) {
    console.log(shown);
    return dryAnswer;
  }
  console.error(shown);
  const { stdout } = await (input === undefined ? sh`${argv}` : sh({ input })`${argv}`);
  return stdout.trim();
}
