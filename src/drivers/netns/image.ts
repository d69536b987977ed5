/**
 * The image root: Debian packages unpacked into a directory by mmdebstrap, once per recipe. Downloads are kept and
 * resumed by apt; the root appears under its final name only when it is complete.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, rename, symlink, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Exec } from "../../system/exec.ts";
import { readTextOr, removeTree, replaceFile } from "../../system/files.ts";
import { downloadPackages } from "./packages.ts";

/** `images/embedded/recipe.json`, a file of our own. */
export interface Recipe {
  readonly suite: string;
  readonly mirror: string;
  readonly components: readonly string[];
  readonly packages: readonly string[];
  /** Symbolic links in the root: FreeBSD's paths on the stand-in. */
  readonly links: Readonly<Record<string, string>>;
}

/** Changing how a root is built makes a new image, like changing what is in it. */
const builderVersion = 1;

export interface ImageOptions {
  readonly exec: Exec;
  readonly cache: string;
  readonly unprivileged: boolean;
}

export interface Image {
  readonly name: string;
  readonly root: string;
  /** Exact package versions, `name version` a line; written last. */
  readonly lock: string;
}

export type ImageProgress = (percent: number, doing: string) => void;

export function parseRecipe(text: string): Recipe {
  return JSON.parse(text) as Recipe;
}

/** Where the image of this recipe is, built or not. Root and ordinary users own files differently: two images. */
export function locateImage(recipe: Recipe, options: ImageOptions): Image {
  const content = JSON.stringify([builderVersion, recipe, options.unprivileged ? "user" : "root"]);
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 12);
  const directory = join(options.cache, "images", `debian-frr-${digest}`);
  return { name: `debian-frr-${digest}`, root: join(directory, "root"), lock: join(directory, "lock.txt") };
}

export async function isBuilt(image: Image): Promise<boolean> {
  return (await readTextOr(image.lock, undefined)) !== undefined;
}

/** Builds the image unless it is there. Safe to interrupt and to run twice at once: the last rename wins. */
export async function buildImage(recipe: Recipe, options: ImageOptions, onProgress: ImageProgress): Promise<Image> {
  const image = locateImage(recipe, options);
  if (await isBuilt(image)) return image;
  const directory = dirname(image.root);
  const draft = `${directory}.${process.pid}.part`;
  await removeDrafts(dirname(directory), options);
  await mkdir(draft, { recursive: true, mode: 0o755 });

  let done = 0;
  const advance: ImageProgress = (percent, doing) => {
    done = Math.max(done, percent);
    onProgress(done, doing);
  };
  const archives = await downloadPackages(recipe, options, (percent, doing) => advance(percent * 0.4, doing));
  advance(40, "unpacking packages");
  const tarball = join(draft, "root.tar");
  await options.exec.run(bootstrapArgv(recipe, options, archives, tarball), {
    timeoutMs: 1_800_000,
    onLine: (line) => advance(bootstrapPercent(line), line.replace(/^I: /, "")),
  });
  advance(85, "extracting the root");
  const root = join(draft, "root");
  await mkdir(root, { mode: 0o755 });
  // Each sandbox makes its own /dev, and an ordinary user may make no devices.
  await options.exec.run(
    asOwner(options, ["tar", "-x", "-p", "--numeric-owner", "--exclude=./dev/*", "-f", tarball, "-C", root]),
  );
  await unlink(tarball);
  await addLinks(recipe, options, root);
  const status = await readTextOr(join(root, "var/lib/dpkg/status"), "");
  await replaceFile(join(draft, "lock.txt"), lockText(status));
  await rename(draft, directory).catch(async (error: unknown) => {
    await removeImage(draft, options);
    // Another run was faster; its image is as good as ours.
    if (!(await isBuilt(image))) throw error;
  });
  advance(100, "built");
  return image;
}

/** Removes a root whose files may belong to mapped ids. */
export async function removeImage(directory: string, options: ImageOptions): Promise<void> {
  if (options.unprivileged) await options.exec.try(asOwner(options, ["rm", "-rf", "--", directory]));
  await removeTree(directory);
}

/** Runs as root of the ids that the root directory's files get. */
function asOwner(options: ImageOptions, argv: readonly string[]): string[] {
  return options.unprivileged ? ["unshare", "--user", "--map-root-user", "--map-auto", "--", ...argv] : [...argv];
}

function bootstrapArgv(recipe: Recipe, options: ImageOptions, archives: string, tarball: string): string[] {
  const unwanted = ["doc", "man", "locale", "info", "lintian"];
  return [
    ...["mmdebstrap", "--variant=essential", `--mode=${options.unprivileged ? "unshare" : "root"}`, "--format=tar"],
    ...unwanted.map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`),
    `--include=${recipe.packages.join(",")}`,
    `--components=${recipe.components.join(",")}`,
    // The archives that apt already checked; mmdebstrap's manual, section "EXAMPLES", on caching downloads.
    "--skip=download/empty",
    `--setup-hook=mkdir -p "$1/var/cache/apt/archives"`,
    `--setup-hook=sync-in ${shellQuote(archives)} /var/cache/apt/archives`,
    // Host keys that come with a package would be everybody's.
    `--customize-hook=rm -f "$1"/etc/ssh/ssh_host_*`,
    ...[recipe.suite, tarball, recipe.mirror],
  ];
}

/** mmdebstrap splits hooks like a shell does. */
function shellQuote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function bootstrapPercent(line: string): number {
  const stages: readonly [RegExp, number][] = [
    [/installing essential/, 50],
    [/installing remaining/, 58],
    [/cleaning/, 78],
  ];
  return stages.findLast(([pattern]) => pattern.test(line))?.[1] ?? 45;
}

async function addLinks(recipe: Recipe, options: ImageOptions, root: string): Promise<void> {
  for (const [path, target] of Object.entries(recipe.links)) {
    const link = join(root, path);
    if (options.unprivileged) {
      await options.exec.run(asOwner(options, ["mkdir", "-p", dirname(link)]));
      await options.exec.run(asOwner(options, ["ln", "-s", target, link]));
    } else {
      await mkdir(dirname(link), { recursive: true });
      await symlink(target, link);
    }
  }
}

/** Drafts of runs that were killed. */
async function removeDrafts(images: string, options: ImageOptions): Promise<void> {
  await mkdir(images, { recursive: true });
  for (const name of await readdir(images)) {
    const owner = /\.(\d+)\.part$/.exec(name)?.[1];
    if (owner === undefined || (await isRunning(Number(owner)))) continue;
    await removeImage(join(images, name), options);
  }
}

async function isRunning(pid: number): Promise<boolean> {
  return pid !== process.pid && (await readTextOr(`/proc/${pid}/stat`, undefined)) !== undefined;
}

function lockText(dpkgStatus: string): string {
  const packages = dpkgStatus.split("\n\n").flatMap((paragraph) => {
    const name = /^Package: (.+)$/m.exec(paragraph)?.[1];
    const version = /^Version: (.+)$/m.exec(paragraph)?.[1];
    return name === undefined || version === undefined ? [] : [`${name} ${version}`];
  });
  return `${packages.toSorted().join("\n")}\n`;
}
