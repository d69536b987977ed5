/** Output as it comes, in pieces of any size, handed on line by line. */

/** Longer than any line of a program that is meant to be followed. */
const mostCharacters = 64 * 1024;

export interface LineListener {
  /** Without its line break. What a program says last, without one, is no line. */
  readonly onLine: (line: string) => void;
  /** Called once, instead of anything else, as soon as a line is too long to be one. */
  readonly onEndless: () => void;
}

/** What is to be called with each piece. */
export function splitLines({ onLine, onEndless }: LineListener): (piece: string) => void {
  let rest = "";
  let over = false;
  return (piece) => {
    if (over) return;
    const lines = `${rest}${piece}`.split("\n");
    rest = lines.pop() ?? "";
    over = rest.length > mostCharacters || lines.some((line) => line.length > mostCharacters);
    if (over) {
      rest = "";
      onEndless();
      return;
    }
    for (const line of lines) onLine(line);
  };
}
