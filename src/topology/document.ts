/** YAML text → tree with places. Plain YAML only: what makes a file surprising (anchors, tags, merging) is refused. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type Document,
  type ParsedNode,
  type Scalar,
  type YAMLError,
} from "yaml";
import type { Mark } from "./mistake.ts";
import { guardText } from "./guard.ts";
import type { Source } from "./source.ts";
import { explainYaml } from "./syntax.ts";
import { invisible, nameCharacter, show } from "./words.ts";

/** What came of a text: marks where something is wrong, and the tree if it can be used. */
export interface Reading {
  readonly marks: readonly Mark[];
  /** Absent where the marks leave nothing reliable to go on with. */
  readonly source?: Source;
}

/** After some errors of grammar the rest are echoes. */
const mostErrors = 10;

/** Reads one document of YAML 1.2 core; offsets become lines and columns later. */
export function readDocument(text: string): Reading {
  const guarded = guardText(text);
  if (guarded.length > 0) return { marks: guarded };
  const document = parseWithoutTraces(text);
  const { yaml } = document.directives ?? {};
  if (yaml?.explicit === true && yaml.version !== "1.2") {
    return { marks: [{ offset: 0, message: `YAML ${yaml.version} is not supported`, hint: "Delete the %YAML line" }] };
  }
  if (document.errors.length > 0) return { marks: explainErrors(document.errors) };
  const marks: Mark[] = [];
  const source = readNode(document.contents, { start: 0 }, marks);
  if (source.type === "scalar" && source.value === null) return { marks: [emptyFile] };
  return marks.some((mark) => mark.fatal) ? { marks } : { marks, source };
}

const emptyFile: Mark = {
  offset: 0,
  message: "the file is empty",
  hint: "Start from topologies/duo.lab.yaml, or let lab generate write one",
};

/** A tab confuses everything after it. */
function explainErrors(errors: readonly YAMLError[]): readonly Mark[] {
  const tabs = errors.filter((error) => error.code === "TAB_AS_INDENT");
  return (tabs.length > 0 ? tabs : errors).slice(0, mostErrors).map(explainYaml);
}

/**
 * Without `uniqueKeys`, whose time grows with the square of their number, and without stack traces in the parser's errors,
 * which take five times as long as parsing: a text of commas has an error at each of them.
 */
function parseWithoutTraces(text: string): Document.Parsed {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return parseDocument(text, { prettyErrors: false, uniqueKeys: false });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

interface Where {
  readonly start: number;
  readonly keyStart?: number;
}

/** `where` is used up to the point where the node has a place of its own: an empty value has none. */
function readNode(node: ParsedNode | null, where: Where, marks: Mark[]): Source {
  if (node === null) return { type: "scalar", value: null, text: "", ...where };
  const place = { ...where, start: node.range[0] };
  if (isAlias(node)) {
    refuse(marks, place.start, `aliases such as ${show(`*${node.source}`)}`, true);
    return { type: "scalar", value: null, text: "", ...place };
  }
  refuseProperties(node, marks);
  if (isMap(node)) return { type: "mapping", entries: readEntries(node.items, marks), ...place };
  if (isSeq(node)) {
    const items = node.items.map((item) => readNode(item, { start: place.start }, marks));
    return { type: "list", items, ...place };
  }
  const text = textOf(node);
  const hidden = invisible.exec(text.replace(/\n/g, ""))?.[0];
  invisible.lastIndex = 0;
  if (hidden !== undefined) {
    const hint = "Leave the escape sequence out";
    marks.push({ offset: place.start, message: `the text hides ${nameCharacter(hidden)}`, hint });
  }
  return { type: "scalar", value: node.value, text, ...place };
}

interface ParsedPair {
  readonly key: ParsedNode;
  readonly value: ParsedNode | null;
}

function readEntries(pairs: readonly ParsedPair[], marks: Mark[]): ReadonlyMap<string, Source> {
  const entries = new Map<string, Source>();
  for (const pair of pairs) {
    const offset = pair.key.range[0];
    const key = readKey(pair.key, marks);
    if (key === undefined) continue;
    const value = readNode(pair.value, { start: offset, keyStart: offset }, marks);
    if (entries.has(key)) {
      const hint = "Keep one of them, or rename this one";
      marks.push({ offset, message: `the key ${show(key)} is used twice`, hint });
    } else {
      entries.set(key, value);
    }
  }
  return entries;
}

/** Keys are plain words. `__proto__` would be swallowed by whatever builds an object from them. */
function readKey(node: ParsedNode, marks: Mark[]): string | undefined {
  const offset = node.range[0];
  const key = isScalar(node) ? textOf(node) : "";
  if (key === "" || key === "__proto__") {
    const message = key === "" ? "this is not a key" : `${key} cannot be a name`;
    marks.push({ offset, message, hint: "A key is one word, followed by a colon" });
    return undefined;
  }
  if (key === "<<") {
    refuse(marks, offset, "merge keys (<<)", true);
    return undefined;
  }
  refuseProperties(node, marks);
  return key;
}

function refuseProperties(node: ParsedNode, marks: Mark[]): void {
  const [offset] = node.range;
  const tag = node.tag?.replace(/^tag:yaml\.org,2002:/, "!!");
  if (node.anchor !== undefined) refuse(marks, offset, `anchors such as ${show(`&${node.anchor}`)}`);
  if (tag !== undefined) refuse(marks, offset, `tags such as ${show(tag)}`);
}

/** Said once: who uses anchors uses many. */
function refuse(marks: Mark[], offset: number, what: string, fatal = false): void {
  const [kind = what] = what.split(" ", 1);
  if (marks.some((mark) => mark.message.startsWith(kind))) return;
  marks.push({ offset, message: `${what} are not supported`, hint: "Write it out: a topology hides nothing", fatal });
}

/** Plain scalars as written (`65000.10` is the number 65000.1); quoted ones without their quotes. */
function textOf(node: Scalar): string {
  return typeof node.value === "string" ? node.value : (node.source ?? "");
}
