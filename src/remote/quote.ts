/** SSH hands a command to the login shell as one string (RFC 4254, section 6.5): this is the only place that makes one. */

/** Words that a POSIX shell reads back as exactly these arguments. */
export function quoteForShell(argv: readonly string[]): string {
  return argv.map(quoteWord).join(" ");
}

/**
 * One of two commands, by whether a third succeeds; the first line on standard output tells which, `yes` or `no`. An absent
 * command does nothing.
 */
export function quoteChoice({ whether, ifSo, ifNot }: Choice): string {
  const branch = (argv: readonly string[] | undefined) =>
    argv === undefined ? "true" : `${quoteForShell(argv)} </dev/null`;
  const condition = `${quoteForShell(whether)} </dev/null >/dev/null 2>&1`;
  return `if ${condition}; then echo yes; ${branch(ifSo)}; else echo no; ${branch(ifNot)}; fi`;
}

/** What to run, by what a node is like. */
export interface Choice {
  readonly whether: readonly string[];
  readonly ifSo?: readonly string[];
  readonly ifNot?: readonly string[];
}

function quoteWord(word: string): string {
  if (word.includes("\0")) throw new RangeError("an argument may not hold a NUL byte");
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
