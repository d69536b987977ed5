/** Debian packages → a root directory: mmdebstrap installs them into a tarball, which is extracted. */
import { mkdir, readdir, symlink, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readTextOr, replaceFile } from "../../system/files.ts";
import { downloadPackages } from "./packages.ts";
import { asOwner, type ImageOptions, type ImageProgress, type Recipe, sourceLine } from "./recipe.ts";

/** Makes `root` and then `lock.txt` in the directory of a draft. */
export async function fillDraft(
  recipe: Recipe,
  options: ImageOptions,
  draft: string,
  advance: ImageProgress,
): Promise<void> {
  const archives = await downloadPackages(recipe, options, (percent, doing) => advance(percent * 0.4, doing));
  advance(41, "unpacking packages");
  const tarball = join(draft, "root.tar");
  const packages = (await readdir(archives)).filter((name) => name.endsWith(".deb")).length;
  await options.exec.run(bootstrapArgv(recipe, options, archives, tarball), {
    signal: options.signal,
    timeoutMs: 1_800_000,
    onLine: followPackages(packages, (share, doing) => advance(41 + share * 44, doing)),
  });
  advance(85, "extracting the root");
  const root = join(draft, "root");
  await mkdir(root, { mode: 0o755 });
  // Each sandbox makes its own /dev, and an ordinary user may make no devices.
  const extract = ["tar", "-x", "-p", "--numeric-owner", "--exclude=./dev/*", "-f", tarball, "-C", root];
  await options.exec.run(asOwner(options, extract), { signal: options.signal });
  await unlink(tarball);
  await addLinks(recipe, options, root);
  const status = await readTextOr(join(root, "var/lib/dpkg/status"), "");
  await replaceFile(join(draft, "lock.txt"), lockText(status));
}

function bootstrapArgv(recipe: Recipe, options: ImageOptions, archives: string, tarball: string): string[] {
  const unwanted = ["doc", "man", "locale", "info", "lintian"];
  return [
    // Verbose, since dpkg's lines are the only progress there is.
    ...["mmdebstrap", "--verbose", "--variant=essential", "--format=tar"],
    `--mode=${options.unprivileged ? "unshare" : "root"}`,
    ...unwanted.map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`),
    `--include=${recipe.packages.join(",")}`,
    // The archives that apt already checked; mmdebstrap's manual, section "EXAMPLES", on caching downloads.
    "--skip=download/empty",
    `--setup-hook=mkdir -p "$1/var/cache/apt/archives"`,
    `--setup-hook=sync-in ${shellQuote(archives)} /var/cache/apt/archives`,
    // Host keys that come with a package would be everybody's.
    `--customize-hook=rm -f "$1"/etc/ssh/ssh_host_*`,
    ...[recipe.suite, tarball, sourceLine(recipe)],
  ];
}

/** mmdebstrap splits hooks like a shell does. */
function shellQuote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** Tells the share of the work that is done by what dpkg says of each package, twice. */
function followPackages(packages: number, onShare: (share: number, doing: string) => void): (line: string) => void {
  let steps = 0;
  return (line) => {
    if (!/^(Unpacking|Setting up) /.test(line)) return;
    steps += 1;
    onShare(Math.min(1, steps / (2 * packages)), line.replace(/ \.\.\.$/, ""));
  };
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

function lockText(dpkgStatus: string): string {
  const packages = dpkgStatus.split("\n\n").flatMap((paragraph) => {
    const name = /^Package: (.+)$/m.exec(paragraph)?.[1];
    const version = /^Version: (.+)$/m.exec(paragraph)?.[1];
    return name === undefined || version === undefined ? [] : [`${name} ${version}`];
  });
  return `${packages.toSorted().join("\n")}\n`;
}
