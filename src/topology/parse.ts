/** A `*.lab.yaml` text → a valid topology, or every mistake in it at once, each with its line, column and way out. */
import { LineCounter } from "yaml";
import { TopologyError, type Problem } from "../errors.ts";
import { readDocument } from "./document.ts";
import { draftFile } from "./draft.ts";
import type { Mark, Mistake } from "./mistake.ts";
import { subjectOf } from "./subject.ts";
import { normalise } from "./normalise.ts";
import { findMistakes } from "./rules.ts";
import { findNearest, type Source } from "./source.ts";
import type { Topology } from "./topology.ts";
import { guessMeant } from "./words.ts";

/** More would help nobody. */
const mostProblems = 100;
/** Places are looked up for this many of each stage; hostile files have any number of mistakes. */
const mostMarks = 1000;

/**
 * @param text the file's content; a byte order mark at its start is ignored
 * @param file its name, for messages only
 * @throws TopologyError with all problems in the order of the file; nothing else, whatever the text
 */
export function parseTopology(text: string, file: string): Topology {
  const content = text.startsWith("\ufeff") ? text.slice(1) : text;
  const { marks, topology } = examine(content);
  if (topology === undefined || marks.length > 0) throw new TopologyError(placeMarks(marks, content, file));
  return topology;
}

function examine(text: string): { readonly marks: readonly Mark[]; readonly topology?: Topology } {
  const { marks, source } = readDocument(text);
  if (source === undefined) return { marks };
  const { mistakes, rest } = draftFile(source);
  const found = [...marks, ...markMistakes(mistakes, source)];
  if (rest === undefined) return { marks: found };
  const topology = normalise(rest.file);
  const broken = findMistakes(subjectOf(topology, rest.lost));
  return { marks: [...found, ...markMistakes(broken, rest.source)], topology };
}

function markMistakes(mistakes: readonly Mistake[], source: Source): readonly Mark[] {
  return mistakes.slice(0, mostMarks).map(({ path, at, ...rest }) => {
    const { start, keyStart } = findNearest(source, path);
    return Object.assign({ offset: at === "key" ? (keyStart ?? start) : start }, rest);
  });
}

function placeMarks(marks: readonly Mark[], text: string, file: string): readonly Problem[] {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (const { index } of text.matchAll(/\n/g)) lines.addNewLine(index + 1);
  const place = (mark: Mark): Problem => {
    const { line, col } = lines.linePos(mark.offset);
    const hint = hintOf(mark);
    return { file, line, column: col, message: mark.message, ...(hint !== undefined && { hint }) };
  };
  const sorted = marks.toSorted((one, other) => one.offset - other.offset);
  const shown = sorted.slice(0, mostProblems);
  const next = sorted[mostProblems];
  if (next === undefined) return shown.map(place);
  return [...shown, { offset: next.offset, message: "there are more problems from here on" }].map(place);
}

function hintOf({ hint, misspelt }: Mark): string | undefined {
  const meant = misspelt && guessMeant(misspelt.word, misspelt.known);
  return meant === undefined ? hint : `Did you mean ${meant}?`;
}
