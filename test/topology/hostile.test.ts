import * as fc from "fast-check";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { formatProblem, TopologyError, type Problem } from "../../src/errors.ts";
import { parseTopology } from "../../src/topology/parse.ts";

function problemsOf(text: string): readonly Problem[] {
  try {
    parseTopology(text, "hostile.lab.yaml");
  } catch (error) {
    if (error instanceof TopologyError) return error.problems;
    throw error;
  }
  return [];
}

/** What no text may do through its problems: control a terminal, point outside of itself, flood. Empty when it does not. */
function offencesOf(text: string): readonly string[] {
  const problems = problemsOf(text);
  const lines = text.split("\n").length;
  const offences: readonly (readonly [string, boolean])[] = [
    ["flood", problems.length > 101 || problems.some(({ message }) => message.length > 400)],
    [
      "control",
      problems.some((problem) => /\p{Cc}|\p{Bidi_Control}/u.test(formatProblem(problem).replaceAll("\n", ""))),
    ],
    ["outside", problems.some(({ line, column }) => line < 1 || line > lines || column < 1)],
  ];
  return offences.filter(([, found]) => found).map(([offence]) => offence);
}

const words = fc.constantFrom(
  ..."name nodes links networks vlans anycast defaults role leaf spine server client spine01 leaf01:swp1 10.0.0.0/24".split(
    " ",
  ),
  ..."subnet members ends - [ ] { } : , ? | > & * ! % @ ` ' \" # --- ... << ~ null true 1e9 .nan 0x1 __proto__ constructor".split(
    " ",
  ),
  "\n",
  "\n  ",
  "\n    ",
  "\t",
  " ",
  ": ",
  "- ",
  "\u0000",
  "\ud800",
  "\u202e",
  "\ufeff",
  "\r",
);

test("any string is a topology or has problems", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      expect(offencesOf(text)).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test("any pile of words of the language is a topology or has problems", () => {
  const pile = fc.array(words, { maxLength: 60 }).map((list) => list.join(""));
  fc.assert(
    fc.property(pile, (text) => {
      expect(offencesOf(text)).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

test("a real topology with a hole or a splinter anywhere is a topology or has problems", () => {
  const real = readFileSync(new URL("../../topologies/anycast.lab.yaml", import.meta.url), "utf8");
  const place = fc.integer({ min: 0, max: real.length });
  fc.assert(
    fc.property(place, fc.integer({ min: 0, max: 30 }), fc.oneof(words, fc.json()), (start, length, splinter) => {
      const text = real.slice(0, start) + splinter + real.slice(start + length);
      expect(offencesOf(text)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

/** Every path into a value of JSON, from the top. */
function pathsIn(value: unknown): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [[]];
  return [[], ...Object.entries(value).flatMap(([key, inner]) => pathsIn(inner).map((path) => [key].concat(path)))];
}

function replaceAt(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined || typeof value !== "object" || value === null) return by;
  const entries = Object.entries(value).map(([name, inner]) => [
    name,
    name === key ? replaceAt(inner, rest, by) : inner,
  ]);
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

test("a real topology with anything in the place of any value is a topology or has problems", () => {
  const real: unknown = parse(
    readFileSync(new URL("../../topologies/README.md", import.meta.url), "utf8")
      .split("```")[1]
      ?.replace(/^yaml/, "") ?? "",
  );
  const path = fc.constantFrom(...pathsIn(real));
  fc.assert(
    fc.property(path, fc.oneof(words, fc.jsonValue()), (place, value) => {
      const text = JSON.stringify(replaceAt(real, place, value), undefined, 1);
      expect(offencesOf(text)).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test("any value of JSON is refused in sentences", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), (text) => {
      expect(problemsOf(text)).not.toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test.each([
  ["a tag", "name: !a%1B]0;x%07 duo"],
  ["an escape in a key", '"na\\e[2Jme": duo'],
  ["an escape in a value", 'name: "du\\x9bo"'],
  ["text that runs backwards", 'name: "\\u202Eoud"'],
])("%s cannot control a terminal", (_, text) => {
  expect(problemsOf(text)).not.toEqual([]);
  expect(offencesOf(text)).toEqual([]);
});

const size = 400 * 1024;
const repeat = (text: string) => text.repeat(size / text.length);

test.each([
  ["brackets", repeat("[")],
  ["braces", repeat("{")],
  ["dashes", repeat("- ")],
  ["question marks", repeat("? ")],
  ["indentation", Array.from({ length: 900 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n")],
])("%s without end are nested too deeply", (_, text) => {
  expect(problemsOf(text).map((problem) => problem.message)).toEqual(["the file is nested too deeply"]);
});

test("a file of more than 512 KiB is refused unread", () => {
  expect(problemsOf("#".repeat(512 * 1024 + 1)).map((problem) => problem.message)).toEqual([
    "the file is larger than 512 KiB",
  ]);
});

test("a large file of nothing but mistakes is answered soon", { timeout: 20_000 }, () => {
  const nodes = Array.from({ length: 2000 }, (_, index) => `  leaf${index}: leaf\n`).join("");
  const links = Array.from({ length: 10_000 }, (_, index) => `  - [laef${index}:swp1, leef${index}:swp1]\n`).join("");
  expect(problemsOf(`name: a\nnodes:\n${nodes}links:\n${links}`)).toHaveLength(101);
});
