/**
 * What a text must satisfy before a YAML parser sees it: not too long, nothing invisible, not too deep. After this, parsing
 * takes time and stack in proportion to the text, whoever wrote it.
 */
import { Lexer } from "yaml";
import type { Mark } from "./mistake.ts";
import { invisible, nameCharacter } from "./words.ts";

const mostCharacters = 512 * 1024;
const mostDepth = 16;
const mostIndent = 128;

/** What is wrong with the text as a text; empty when it may be parsed. */
export function guardText(text: string): readonly Mark[] {
  if (text.length > mostCharacters) {
    return [
      {
        offset: 0,
        message: "the file is larger than 512 KiB",
        hint: "A fabric of 16 spines, 128 leaves and 1024 servers takes a third of that",
      },
    ];
  }
  const marks = findInvisible(text);
  return marks.length > 0 ? marks : findDepth(text);
}

function findInvisible(text: string): readonly Mark[] {
  const marks: Mark[] = [];
  for (const { 0: character, index } of text.matchAll(invisible)) {
    if (character === "\r" && text[index + 1] === "\n") continue;
    marks.push({
      offset: index,
      message: `there is an invisible character, ${nameCharacter(character)}`,
      hint: "Delete it; a topology needs nothing but printable text, spaces and line ends",
    });
  }
  return marks;
}

/** Marks the lexer makes up: document, end of flow, scalar. Everything else it yields is a piece of the text. */
const virtual = new Set(["\u0002", "\u0018", "\u001f"]);

/** Nesting in brackets, and the nesting that `- - - x` or `? ? x` writes on one line. */
function findDepth(text: string): readonly Mark[] {
  const indented = new RegExp(`^ {${mostIndent},}[^ #\\r\\n]`, "m").exec(text);
  if (indented !== null) return tooDeep(indented.index);
  let offset = 0;
  let brackets = 0;
  let indicators = 0;
  for (const token of new Lexer().lex(text)) {
    if (virtual.has(token)) continue;
    if (token === "[" || token === "{") brackets += 1;
    if (token === "]" || token === "}") brackets = Math.max(0, brackets - 1);
    indicators = countIndicators(token, indicators, brackets);
    if (brackets > mostDepth || indicators > mostDepth) return tooDeep(offset);
    offset += token.length;
  }
  return [];
}

function tooDeep(offset: number): readonly Mark[] {
  return [
    { offset, message: "the file is nested too deeply", hint: "No part of a topology is deeper than six levels" },
  ];
}

function countIndicators(token: string, before: number, brackets: number): number {
  if (token.endsWith("\n") || brackets > 0) return 0;
  return token === "-" || token === "?" || token === ":" ? before + 1 : before;
}
