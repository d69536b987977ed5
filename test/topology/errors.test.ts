import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { formatProblem, TopologyError } from "../../src/errors.ts";
import { parseTopology } from "../../src/topology/parse.ts";

const folder = new URL("../errors/", import.meta.url);
const ending = ".lab.yaml";

function explain(text: string, file: string): string {
  try {
    parseTopology(text, file);
  } catch (error) {
    if (error instanceof TopologyError) return `${error.problems.map(formatProblem).join("\n")}\n`;
    throw error;
  }
  return "no problem\n";
}

const cases = readdirSync(folder)
  .filter((file) => file.endsWith(ending))
  .map((file) => file.slice(0, -ending.length));

test.each(cases)("the mistake %s is explained as reviewed", async (name) => {
  const text = readFileSync(new URL(`${name}${ending}`, folder), "utf8");
  const explained = explain(text, `${name}${ending}`);
  await expect(explained).toMatchFileSnapshot(new URL(`${name}.txt`, folder).pathname);
  expect(explained).not.toBe("no problem\n");
});

test("at least 40 mistakes are covered", () => {
  expect(cases.length).toBeGreaterThanOrEqual(40);
});
