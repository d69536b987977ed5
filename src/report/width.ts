/** How many terminal columns a text takes, and texts of a given number of columns. Knows nothing of colour codes. */

/** Zero columns: control characters, combining marks, joiners, variation selectors. */
const zeroWidth = /^[\p{Cc}\p{Mn}\p{Me}\p{Cf}]$/u;
/** Two columns: CJK, Hangul, kana, full-width forms, and emoji that are pictures by default. */
const doubleWidth =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]|\p{Emoji_Presentation})$/u;

/** What a line cannot hold (line breaks, tabs, escapes) as a space: a node's words must not move the cursor. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ");
}

/** In terminal columns. */
export function widthOf(text: string): number {
  return Array.from(text, widthOfCharacter).reduce((sum, width) => sum + width, 0);
}

function widthOfCharacter(character: string): number {
  if (zeroWidth.test(character)) return 0;
  return doubleWidth.test(character) ? 2 : 1;
}

/** Cut to at most `most` columns, the last of them an ellipsis; never through a wide character. */
export function truncate(text: string, most: number): string {
  if (widthOf(text) <= most) return text;
  if (most < 1) return "";
  let kept = "";
  let width = 0;
  for (const character of text) {
    width += widthOfCharacter(character);
    if (width > most - 1) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

/** Spaces that fill a text up to `width` columns. */
export function padding(text: string, width: number): string {
  return " ".repeat(Math.max(0, width - widthOf(text)));
}
