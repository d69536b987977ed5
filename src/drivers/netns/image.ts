/**
 * The image root: Debian packages unpacked into a directory by mmdebstrap, once per recipe. Downloads are kept and
 * resumed by apt; the root appears under its final name only when it is complete.
 */
import { createHash } from "node:crypto";
import { access, readdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeDirectory, readTextOr, removeTree } from "../../system/files.ts";
import { buildingAlone } from "./build-lock.ts";
import { asOwner, type ImageOptions, type ImageProgress, type Recipe } from "./recipe.ts";
import { fillDraft } from "./unpack.ts";

/** Changing how a root is built makes a new image, like changing what is in it. */
const builderVersion = 1;

export interface Image {
  readonly name: string;
  readonly root: string;
  /** Exact package versions, `name version` a line; written last. */
  readonly lock: string;
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

/** Builds the image unless it is there. Safe to interrupt and to run twice at once: the second waits for the first. */
export async function buildImage(recipe: Recipe, options: ImageOptions, onProgress: ImageProgress): Promise<Image> {
  const image = locateImage(recipe, options);
  if (await isBuilt(image)) return image;
  const sayFor = (whom: string) => onProgress(0, `waiting for ${whom}, which builds in ${options.cache}`);
  await buildingAlone(options, sayFor, async (marked) => {
    if (!(await isBuilt(image))) await build(recipe, image, marked, onProgress);
  });
  return image;
}

async function build(recipe: Recipe, image: Image, options: ImageOptions, onProgress: ImageProgress): Promise<void> {
  const directory = dirname(image.root);
  const draft = `${directory}.${process.pid}.part`;
  await removeDrafts(dirname(directory), options);
  await makeDirectory(draft, 0o755);
  let done = -1;
  // A line for each percent is enough, and it never goes back.
  const advance: ImageProgress = (percent, doing) => {
    if (Math.floor(percent) <= done) return;
    done = Math.floor(percent);
    onProgress(done, doing);
  };
  try {
    await fillDraft(recipe, options, draft, advance);
    await publish(draft, image, options);
  } finally {
    // Of a build that failed.
    await removeImage(draft, options);
  }
  advance(100, "built");
}

/** Gives the complete draft its final name. Another run's image is as good as ours; the remains of a removal are none. */
async function publish(draft: string, image: Image, options: ImageOptions): Promise<void> {
  const directory = dirname(image.root);
  try {
    await rename(draft, directory);
  } catch {
    if (await isBuilt(image)) return;
    await removeImage(directory, options);
    await rename(draft, directory);
  }
}

/** Removes a root whose files may belong to mapped ids. */
export async function removeImage(directory: string, options: ImageOptions): Promise<void> {
  if (options.unprivileged && (await isThere(directory))) {
    await options.exec.try(asOwner(options, ["rm", "-rf", "--", directory]));
  }
  await removeTree(directory);
}

/** Drafts of runs that were killed. */
async function removeDrafts(images: string, options: ImageOptions): Promise<void> {
  await makeDirectory(images, 0o755);
  for (const name of await readdir(images)) {
    const owner = /\.(\d+)\.part$/.exec(name)?.[1];
    if (owner === undefined || (await isRunning(Number(owner)))) continue;
    await removeImage(join(images, name), options);
  }
}

async function isRunning(pid: number): Promise<boolean> {
  return pid !== process.pid && (await readTextOr(`/proc/${pid}/stat`, undefined)) !== undefined;
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
