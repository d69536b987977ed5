/** Numbers with their nouns. */

/** `1 prefix`, `3 next hops`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}

/** The same for a noun that is known in the plural only: `1 switch` of `switches`. */
export function countOf(number: number, plural: string): string {
  return count(number, plural.replace(/(x|ch|ss)es$/, "$1").replace(/([^s])s$/, "$1"), plural);
}
