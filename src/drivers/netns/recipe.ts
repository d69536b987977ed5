/** What goes into the image root, and what it is built with. */
import type { Clock } from "../../system/clock.ts";
import type { Exec } from "../../system/exec.ts";

/** `images/embedded/recipe.json`, a file of our own. */
export interface Recipe {
  readonly suite: string;
  readonly mirror: string;
  readonly components: readonly string[];
  readonly packages: readonly string[];
  /** Symbolic links in the root: FreeBSD's paths on the stand-in. */
  readonly links: Readonly<Record<string, string>>;
}

export function parseRecipe(text: string): Recipe {
  return JSON.parse(text) as Recipe;
}

/** Where apt finds the packages. The key is named because a machine that is not Debian does not trust Debian's. */
export function sourceLine({ mirror, suite, components }: Recipe): string {
  const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
  return `deb [signed-by=${keyring}] ${mirror} ${suite} ${components.join(" ")}`;
}

export interface ImageOptions {
  readonly exec: Exec;
  readonly clock: Clock;
  readonly cache: string;
  readonly unprivileged: boolean;
  /** Ends a build that is under way. */
  readonly signal?: AbortSignal;
}

export type ImageProgress = (percent: number, doing: string) => void;

/** Runs as root of the ids that the root directory's files get. */
export function asOwner(options: ImageOptions, argv: readonly string[]): string[] {
  return options.unprivileged ? ["unshare", "--user", "--map-root-user", "--map-auto", "--", ...argv] : [...argv];
}
