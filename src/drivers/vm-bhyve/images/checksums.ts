/** Checksum files in the format of BSD's tools, `SHA512 (name) = digits`, a line for each file. Pure. */

/** The checksum of a file; undefined where the list does not have exactly one that can be used. */
export function checksumOf(list: string, algorithm: "sha256" | "sha512", file: string): string | undefined {
  const digits = algorithm === "sha256" ? 64 : 128;
  const found = list.split(/\r?\n/).flatMap((line) => {
    const [, kind = "", name, sum = ""] = /^(\w+) \((.+)\) = ([0-9a-fA-F]+)$/.exec(line.trim()) ?? [];
    return kind.toLowerCase() === algorithm && name === file && sum.length === digits ? [sum.toLowerCase()] : [];
  });
  const [only, ...others] = new Set(found);
  return others.length === 0 ? only : undefined;
}
