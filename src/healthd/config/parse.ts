/** Files → services, or every mistake in all of them at once. */
import { addressOf } from "./address.ts";
import { buildService } from "./build.ts";
import { draftFile, problemAt, type Draft } from "./draft.ts";
import type { Key } from "./keys.ts";
import { formatProblem, type Problem } from "./problem.ts";
import { findMistakes } from "./rules.ts";
import type { Service } from "./service.ts";

export interface SourceFile {
  /** Its path or name, ending in `NAME.conf`. */
  readonly file: string;
  readonly text: string;
}

export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join("\n"));
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/**
 * @returns the services in the order of the files
 * @throws ConfigError with all problems in the order of files and lines; nothing else, whatever the text
 */
export function parseServices(files: readonly SourceFile[]): readonly Service[] {
  const drafts = files.map(({ file, text }) => draftFile(text, file));
  const problems = drafts.flatMap((draft) => {
    const own = [...draft.problems, ...nameMistakes(draft), ...findMistakes(draft), ...findClashes(draft, drafts)];
    return own.toSorted((one, other) => one.line - other.line || one.column - other.column);
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return drafts.flatMap((draft) => buildService(draft.values, nameOf(draft)) ?? []);
}

/** The file's own name. */
function nameOf({ file }: Draft): string {
  return file.replace(/^.*\//, "").replace(/\.conf$/, "");
}

function nameMistakes(draft: Draft): readonly Problem[] {
  const { file } = draft;
  const name = nameOf(draft);
  if (!/^[a-z0-9][a-z0-9_-]{0,31}$/.test(name)) {
    const hint = "small letters, digits, - and _, at most 32, then .conf";
    return [
      { file, line: 1, column: 1, message: `a service cannot be called \`${name}\``, hint: `call the file ${hint}` },
    ];
  }
  const said = draft.values.name;
  if (said === undefined || said === name) return [];
  return [
    problemAt(draft, "name", `the file is called ${name}`, "name file and service alike: healthctl finds them by it"),
  ];
}

/** What two services may not share, told at the later one, and targets that are service addresses. */
function findClashes(draft: Draft, drafts: readonly Draft[]): readonly Problem[] {
  const earlier = drafts.slice(0, drafts.indexOf(draft));
  const found: Problem[] = [];
  for (const [key, loopback] of loopbacksOf(draft)) {
    const owner = earlier.find((each) => loopbacksOf(each).some(([, name]) => name === loopback));
    if (owner === undefined) continue;
    const hint = "a service that is withdrawn would take the other one along; give each its own";
    found.push(problemAt(draft, key, `${loopback} is the interface of ${nameOf(owner)}`, hint));
  }
  for (const prefix of draft.values.prefix ?? []) {
    const owner = earlier.find(({ values }) => values.prefix?.includes(prefix));
    if (owner === undefined) continue;
    const hint = "routers keep a dead route when an address was on two interfaces at once";
    found.push(problemAt(draft, "prefix", `${prefix} is announced by ${nameOf(owner)}`, hint));
  }
  return [...found, ...findTargetMistakes(draft, drafts)];
}

function loopbacksOf({ values }: Draft): readonly (readonly [key: Key, name: string])[] {
  const { interface: loopback, cover } = values;
  return [
    ...(loopback === undefined ? [] : [["interface", loopback] as const]),
    ...(cover === undefined ? [] : [["cover", values["cover-interface"] ?? "lo9"] as const]),
  ];
}

function findTargetMistakes(draft: Draft, drafts: readonly Draft[]): readonly Problem[] {
  const { target } = draft.values;
  const all = drafts.flatMap(({ values }) => values.prefix ?? []);
  if (target === undefined || !all.some((prefix) => addressOf(prefix) === target.address)) return [];
  const message = `${target.address} is an anycast address: once withdrawn here, another server answers and the check passes`;
  return [problemAt(draft, "target", message, `check what runs here: target = 127.0.0.1:${target.port}`)];
}
