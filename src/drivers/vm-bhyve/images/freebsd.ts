/**
 * The image of FreeBSD servers, made by the script `images/freebsd-server/build.ts`: on FreeBSD as root only, since pkg
 * installs into another root nowhere else. What the script has made gets its place in the cache.
 */
import { join } from "node:path";
import { HostError } from "../../../errors.ts";
import type { Argv } from "../../../kinds/kind.ts";
import type { Exec } from "../../../system/exec.ts";
import type { CachedImage, ImageCache } from "./cache.ts";
import { sourceOf } from "./digest.ts";
import { inWholePercents, type OnProgress } from "./progress.ts";

export interface FreeBsdOptions {
  readonly exec: Exec;
  readonly images: ImageCache;
  /** The program's own directory, with the scripts and what they need. */
  readonly home: string;
  readonly unprivileged: boolean;
  readonly signal?: AbortSignal | undefined;
}

const name = "freebsd-server";
const folder = `images/${name}`;
const builderVersion = 1;
/** About as many commands as the script shows; packages are most of the time, and nobody knows how long they take. */
const commands = 30;

/** Builds unless the cache has what would come of it. Package versions are those of the day, and are recorded. */
export async function buildFreeBsdServer(options: FreeBsdOptions, onProgress: OnProgress): Promise<CachedImage> {
  const { exec, home, images, signal } = options;
  const source = await sourceOf(name, builderVersion, home, [folder]);
  const there = await images.find(name);
  if (there?.record.source === source) return there;
  if (options.unprivileged) throw noRoot;
  const advance = inWholePercents(onProgress);
  const discard = async (path: string) => void (await exec.run(script(home, path, "--discard"), { timeoutMs: 60_000 }));
  const draft = await images.draft(name, discard);
  try {
    let shown = 0;
    const onLine = (line: string, stream: "stdout" | "stderr") => {
      // Commands are shown there; the list of packages comes last.
      if (stream === "stderr") advance(Math.min(90, ((shown += 1) / commands) * 90), line);
    };
    const { stdout } = await exec.run(script(home, draft), { signal, timeoutMs: 7_200_000, onLine });
    const packages = stdout.trim().split("\n");
    const onFraction = (share: number) => advance(90 + share * 9, "taking its checksum");
    const made = await images.publish(name, draft, { source, efi: true, packages }, { signal, onFraction });
    advance(100, "built");
    return made;
  } catch (error) {
    // A script that was ended has not given back its memory disk; why it ended matters more than that nothing was left.
    await Promise.allSettled([discard(`${draft}.part`), discard(draft)]);
    throw error;
  }
}

function script(home: string, ...words: string[]): Argv {
  return [join(home, "node_modules/.bin/tsx"), join(home, folder, "build.ts"), ...words];
}

const noRoot = new HostError({
  code: "E_IMAGE_ROOT",
  message: `${name} is made by root: it is a disk that is mounted while packages are installed on it`,
  hint: `doas lab image build --kind ${name}, or sudo lab image build --kind ${name}`,
});
