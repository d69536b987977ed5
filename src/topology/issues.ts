/** What the schema did not accept, in sentences: which value, what is wrong with it, and what would be right. */
import type { z } from "zod";
import type { Mistake, Path } from "./mistake.ts";
import { outlineAt, type Outline } from "./outline.ts";
import { findSource, type Source } from "./source.ts";
import { listWords, show, withArticle } from "./words.ts";

type Issue = z.core.$ZodIssue;

/** An issue may be several mistakes: a map with three unknown keys has three. */
export function explainIssue(issue: Issue, root: Source, above: Path = []): readonly Mistake[] {
  const path = [...above, ...issue.path.map((step) => (typeof step === "number" ? step : String(step)))];
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => explainUnknownKey(path, key));
  const source = findSource(root, path);
  if (source === undefined) return [explainMissing(path)];
  if (issue.code === "invalid_key") return [explainKey(path, issue)];
  if (issue.code === "invalid_union") {
    return closestBranch(issue.errors).flatMap((inner) => explainIssue(inner, root, path));
  }
  return [explainValue(path, issue, source)];
}

/** Of the ways a value might have been right, the one it is closest to: inside of it rather than of another type. */
function closestBranch(branches: readonly Issue[][]): readonly Issue[] {
  const distance = (issue: Issue) => {
    if (issue.path.length > 0 || issue.code === "unrecognized_keys") return 0;
    if (issue.code === "invalid_type") return 3;
    return issue.code === "invalid_value" ? 2 : 1;
  };
  const ranked = branches.map((branch) => ({ branch, rank: Math.min(...branch.map(distance)) }));
  const best = ranked.reduce((one, other) => (other.rank < one.rank ? other : one), { branch: [], rank: Infinity });
  return best.rank === 3 ? best.branch.slice(0, 1) : best.branch;
}

function explainUnknownKey(path: Path, key: string): Mistake {
  const { keys, title } = outlineAt(path);
  return {
    path: [...path, key],
    at: "key",
    message: `unknown key ${show(key)} in ${withArticle(title)}`,
    hint: keys.length === 0 ? "Leave it out" : `Known keys: ${listWords(keys)}`,
    misspelt: { word: key, known: keys },
  };
}

function explainMissing(path: Path): Mistake {
  const around = path.slice(0, -1);
  const outline = outlineAt(path);
  return {
    path: around,
    at: "key",
    message: `the key ${show(String(path.at(-1)))} is missing in ${withArticle(outlineAt(around).title)}`,
    ...wayOut(outline),
  };
}

function explainKey(path: Path, issue: z.core.$ZodIssueInvalidKey<unknown>): Mistake {
  const [inner] = issue.issues;
  const key = show(String(path.at(-1)));
  const unknown = inner?.code === "invalid_value";
  return {
    path,
    at: "key",
    message: unknown ? `there is no role ${key}` : `the name ${key} is not right: ${inner?.message ?? issue.message}`,
    ...(unknown && { misspelt: { word: String(path.at(-1)), known: inner.values.map(String) } }),
    hint: unknown
      ? `Known: ${listWords(inner.values.map(String))}`
      : "Small letters, digits and single hyphens, e.g. leaf01",
  };
}

function explainValue(path: Path, issue: Issue, source: Source): Mistake {
  const outline = outlineAt(path, source.type);
  const written = writtenAs(source);
  if (source.type === "scalar" && source.value === null) {
    return { path, message: `the value is missing; ${withArticle(outline.title)} belongs here`, ...wayOut(outline) };
  }
  switch (issue.code) {
    case "invalid_type":
      return { path, ...explainType(outline, written, source) };
    case "invalid_value":
      return {
        path,
        message: `there is no ${outline.title} ${written}`,
        hint: `Known: ${listWords(issue.values.map(String))}`,
        misspelt: { word: source.type === "scalar" ? source.text : "", known: issue.values.map(String) },
      };
    case "too_small":
    case "too_big":
      return { path, message: explainSize(issue, outline, source, written), ...wayOut(outline) };
    default:
      return { path, message: `${written} is not ${withArticle(outline.title)}: ${issue.message}`, ...wayOut(outline) };
  }
}

/** A number in quotes keeps them: they are what is wrong. */
function writtenAs(source: Source): string {
  if (source.type !== "scalar") return withArticle(source.type === "list" ? "list" : "map");
  const quoted = typeof source.value === "string" && /^-?[0-9]+(?:\.[0-9]+)?$/.test(source.text);
  return quoted ? `"${source.text.slice(0, 60)}"` : show(source.text);
}

function explainType(outline: Outline, written: string, source: Source): Pick<Mistake, "message" | "hint"> {
  const wanted = withArticle(outline.title);
  if (source.type !== "scalar") return { message: `${written} is not ${wanted}`, ...wayOut(outline) };
  if (outline.title === "AS number" && /^[0-9]+\.[0-9]+$/.test(source.text)) {
    return {
      message: `${source.text} without quotes is a decimal fraction, not an AS number`,
      hint: `Write "${source.text}", or the plain number`,
    };
  }
  if (written.startsWith('"') && written !== show(source.text)) {
    return { message: `${written} in quotes is a text, not ${wanted}`, hint: "Write the number without quotes" };
  }
  return { message: `${written} is not ${wanted}`, ...wayOut(outline) };
}

function explainSize(
  issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig,
  outline: Outline,
  source: Source,
  written: string,
): string {
  if (source.type === "list") {
    if (outline.title === "list of servers") return "the list is empty";
    return `a link has two ends, this one has ${source.items.length}`;
  }
  if (issue.origin === "string") return `${written} is not ${withArticle(outline.title)}: ${issue.message}`;
  const bound = issue.code === "too_small" ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
  const known = issue.code === "too_small" || Number(issue.maximum) < Number.MAX_SAFE_INTEGER;
  return `${written} is not ${withArticle(outline.title)}${known ? `: ${bound}` : ""}`;
}

function wayOut({ description, example }: Outline): Pick<Mistake, "hint"> {
  if (description === undefined && example === undefined) return {};
  const text = description?.replace(/\.$/, "");
  if (example === undefined) return { hint: text ?? "" };
  return { hint: text === undefined ? `For example ${example}` : `${text}; for example ${example}` };
}
