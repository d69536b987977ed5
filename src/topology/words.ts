/** Words in sentences about a user's file: what was written, shown safely; and what was probably meant. */

const plain = /^[\w.:/@+!*&-]{1,60}$/;
const longest = 60;

/** Characters that cannot be seen, or that change how others are seen (C0, C1, line separators, bidi, zero width). */
export const invisible =
  // oxlint-disable-next-line no-control-regex -- naming them is the point
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu;

/** A user's word, bare where it is harmless; else quoted, cut short, and with nothing a terminal would obey. */
export function show(word: string): string {
  if (plain.test(word)) return word;
  const characters = [...word.slice(0, longest + 2)];
  const cut = characters.length > longest ? `${characters.slice(0, longest).join("")}…` : word;
  return JSON.stringify(cut).replace(invisible, nameCharacter);
}

/** `U+200B`, for a character that cannot be printed. */
export function nameCharacter(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** `a, b and c`. */
export function listWords(words: readonly string[], conjunction = "and"): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${conjunction} ${words.at(-1)}`;
}

/** `a leaf`, `an edge`, `an MTU`. */
export function withArticle(noun: string): string {
  return `${/^(?:[aeio]|MTU)/i.test(noun) ? "an" : "a"} ${noun}`;
}

/** The known word closest to a misspelt one, if it is close enough to have been meant. */
export function guessMeant(word: string, known: readonly string[]): string | undefined {
  if (word.length > 40 || known.length > 2000) return undefined;
  const longer = known.filter((candidate) => word.length >= 3 && candidate.startsWith(word));
  if (longer.length === 1) return longer[0];
  const most = word.length <= 4 ? 1 : 2;
  let best: string | undefined;
  let least = most + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) > most) continue;
    const distance = countEdits(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** Optimal string alignment distance: insert, delete, replace, or swap two neighbours. */
function countEdits(from: string, to: string): number {
  let before: readonly number[] = [];
  let above: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = at(above, column - 1) + Number(from[row - 1] !== to[column - 1]);
      const swapped = isSwap(from, to, row, column) ? at(before, column - 2) + 1 : Infinity;
      current.push(Math.min(at(above, column) + 1, at(current, column - 1) + 1, replaced, swapped));
    }
    [before, above] = [above, current];
  }
  return at(above, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}

function isSwap(from: string, to: string, row: number, column: number): boolean {
  return row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
}
