/**
 * One line of a configuration language that has no quoting (FRR, ifupdown2, dnsmasq, sysctl, `ip -batch`): a value is
 * either a plain word or it is refused. Topologies are validated long before, so a refusal here is our own bug.
 */

const plainWord = /^[A-Za-z0-9_.:/@+%-]+$/;

/** A value of a line; a list becomes words with blanks between them. */
export type Word = string | number | readonly string[];

/** Template tag: `` line`neighbor ${port} interface peer-group fabric` ``. Throws on a value that is not a plain word. */
export function line(texts: TemplateStringsArray, ...values: readonly Word[]): string {
  return texts.map((text, index) => (index === 0 ? text : `${plain(values[index - 1] ?? "")}${text}`)).join("");
}

function plain(value: Word): string {
  if (typeof value === "object") return value.map(plain).join(" ");
  const word = String(value);
  if (!plainWord.test(word)) throw new RangeError(`not a plain word: ${JSON.stringify(word)}`);
  return word;
}

/** Lines to the text of a file: each line ends in a newline, the last one too. */
export function textOf(lines: readonly string[]): string {
  return lines.map((text) => `${text}\n`).join("");
}

/** Lines one level down, in steps of one blank (FRR) or four (ifupdown2). */
export function indent(lines: readonly string[], by: string): readonly string[] {
  return lines.map((text) => `${by}${text}`);
}
