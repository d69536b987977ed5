/** SSH hands a command to the login shell as one string (RFC 4254, section 6.5): this is the only place that makes one. */

/** Words that a POSIX shell reads back as exactly these arguments. */
export function quoteForShell(argv: readonly string[]): string {
  return argv.map(quoteWord).join(" ");
}

function quoteWord(word: string): string {
  if (word.includes("\0")) throw new RangeError("an argument may not hold a NUL byte");
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
