/** Debian packages into the cache, by the machine's own apt: signatures, proxies and resumed downloads are its work. */
import { join } from "node:path";
import { makeDirectory, replaceFile } from "../../system/files.ts";
import { type ImageOptions, type ImageProgress, type Recipe, sourceLine } from "./recipe.ts";

/** Downloads the recipe's packages with all they need; returns the directory of the archives. */
export async function downloadPackages(
  recipe: Recipe,
  options: ImageOptions,
  onProgress: ImageProgress,
): Promise<string> {
  const place = join(options.cache, "apt", recipe.suite);
  const archives = join(place, "archives");
  await makeDirectory(join(place, "lists", "partial"), 0o755);
  await makeDirectory(join(archives, "partial"), 0o755);
  await replaceFile(join(place, "sources.list"), `${sourceLine(recipe)}\n`);
  // An empty status: every package is wanted, whatever this machine has installed.
  await replaceFile(join(place, "status"), "");
  const settings = aptSettings(place);

  onProgress(0, "reading package lists");
  await options.exec.run(["apt-get", ...settings, "-qq", "update"], {
    signal: options.signal,
    timeoutMs: 600_000,
  });
  const install = ["--download-only", "--yes", "--no-install-recommends", "install", "?essential", ...recipe.packages];
  await options.exec.run(["apt-get", ...settings, "-qq", "-o", "APT::Status-Fd=1", ...install], {
    signal: options.signal,
    timeoutMs: 3_600_000,
    onLine: (line) => {
      // apt's status protocol: `dlstatus:NUMBER:PERCENT:TEXT`.
      const [kind, , percent, text] = line.split(":");
      if (kind === "dlstatus") onProgress(Number(percent), text ?? "downloading packages");
    },
  });
  return archives;
}

function aptSettings(place: string): string[] {
  const values: Record<string, string> = {
    "Dir::State::lists": join(place, "lists"),
    "Dir::State::status": join(place, "status"),
    "Dir::Cache": place,
    "Dir::Cache::archives": join(place, "archives"),
    "Dir::Etc::SourceList": join(place, "sources.list"),
    "Dir::Etc::SourceParts": "/dev/null",
    "Dir::Etc::Preferences": "/dev/null",
    "Dir::Etc::PreferencesParts": "/dev/null",
    "Acquire::Languages": "none",
    // Downloads go to our own directory, which apt's own user may not write.
    "APT::Sandbox::User": "root",
  };
  return Object.entries(values).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
}
