/** What the YAML parser found wrong, in the words of somebody who writes a topology. */
import type { ErrorCode, YAMLError } from "yaml";
import type { Mark } from "./mistake.ts";
import { invisible, nameCharacter } from "./words.ts";

interface Explained {
  /** Replaces the parser's own sentence where that speaks of grammar. */
  readonly message?: string;
  readonly hint: string;
}

const byCode: Partial<Record<ErrorCode, Explained>> = {
  MULTIPLE_DOCS: {
    message: "a second document starts here",
    hint: "One file is one lab: delete the --- line, or move the rest to a file of its own",
  },
  TAB_AS_INDENT: { message: "a tab is used as indentation", hint: "Indent with spaces" },
  BAD_INDENT: { hint: "Entries of one map or list start in the same column, deeper than what they belong to" },
  BAD_SCALAR_START: { hint: "Put the value in quotes" },
  BAD_DQ_ESCAPE: { hint: 'Use single quotes, or \\\\ for a backslash between "' },
  BLOCK_IN_FLOW: { hint: "Between brackets, use { key: value } and [item, item]" },
  KEY_OVER_1024_CHARS: { message: "a key is longer than 1024 characters", hint: "Names have at most 32" },
  MULTILINE_IMPLICIT_KEY: { message: "a key goes over several lines", hint: "Is a colon or a quote missing above?" },
  IMPOSSIBLE: { message: "this is not a key", hint: "A key is one word, followed by a colon" },
  NON_STRING_KEY: { message: "this is not a key", hint: "A key is one word, followed by a colon" },
};

const byMessage: readonly (readonly [RegExp, Explained])[] = [
  [
    /^Nested mappings are not allowed/,
    { message: "a second colon stands on this line", hint: "Put each `key: value` on a line of its own" },
  ],
  [
    /^Implicit map keys need/,
    { message: "a word stands where a key should be", hint: "A key is followed by a colon and a space" },
  ],
  [/^Missing closing .quote/, { message: "a quote is not closed before this", hint: "Close it on the same line" }],
  [
    /^Implicit keys need to be on a single line/,
    { message: "a key goes over several lines", hint: "Is a colon or a quote missing above?" },
  ],
  [
    /expected? .*to end with|must end with|sufficiently indented/,
    { message: "a bracket is not closed before this", hint: "Close it with ] or }" },
  ],
  [/^Missing , /, { message: "a comma is missing before this", hint: "Between brackets, entries need commas" }],
];

/** A place, a sentence and the way out for one error of the parser. */
export function explainYaml(error: YAMLError): Mark {
  const special = byMessage.find(([pattern]) => pattern.test(error.message))?.[1];
  const explained = special ?? byCode[error.code];
  return {
    offset: error.pos[0],
    message: explained?.message ?? `not valid YAML: ${lowerFirst(error.message)}`,
    hint: explained?.hint ?? "Look for a missing quote, bracket or colon here or just above",
  };
}

/** The parser quotes what it read; that may be long, and what a terminal would obey. */
function lowerFirst(sentence: string): string {
  const safe = sentence.replace(/\s+/g, " ").replace(invisible, nameCharacter);
  const short = safe.length > 120 ? `${safe.slice(0, 120)}…` : safe;
  return short.charAt(0).toLowerCase() + short.slice(1);
}
