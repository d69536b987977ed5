/**
 * The script that a virtual machine runs at the end of its first boot: it writes the files of that stage and makes the
 * machine ours, with one host key, one key that may log in, and no password. It may run again, from the start or halfway.
 */
import type { Node, RenderedFile } from "../plan/model.ts";
import { debianSteps } from "./first-boot-debian.ts";
import { freebsdSteps } from "./first-boot-freebsd.ts";
import { cumulusSteps } from "./first-boot-cumulus.ts";
import { line, textOf } from "./line.ts";

/** What a guest OS does around the files. */
export interface Steps {
  /** Files of the OS's own. */
  readonly files: readonly Pick<RenderedFile, "path" | "text" | "mode">[];
  /** Commands before and after all files are there. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** For `#!/bin/sh`, whichever shell that is. */
export function renderFirstBoot(node: Node, files: readonly RenderedFile[]): string {
  const { files: own, before, after } = stepsOf(node);
  const root = node.guest.os === "freebsd" ? "root:wheel" : "root:root";
  return [
    textOf(["#!/bin/sh", line`# The first boot of ${node.name}, by lab.`, ...setUp, ...before]),
    ...own.map((file) => putFile({ ...file, owner: root })),
    ...files.map(putFile),
    textOf([...after, "exit 0"]),
  ].join("");
}

function stepsOf(node: Node): Steps {
  switch (node.guest.os) {
    case "freebsd":
      return freebsdSteps;
    case "cumulus":
      return cumulusSteps;
    default:
      return debianSteps(node);
  }
}

/** Whoever runs it may look for programs elsewhere. A file appears whole, and a secret one is never others' to read. */
const setUp = [
  "set -u",
  "PATH=/sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin",
  "put() {",
  '\tmkdir -p "${3%/*}"',
  '\trm -f "$3.lab-new"',
  '\t(umask 077 && : >"$3.lab-new")',
  '\tchown "$2" "$3.lab-new" && chmod "$1" "$3.lab-new" && cat >"$3.lab-new" && mv "$3.lab-new" "$3" || exit 1',
  "}",
];

function putFile({ path, text, mode, owner }: Pick<RenderedFile, "path" | "text" | "mode" | "owner">): string {
  const end = delimiterFor(text);
  const whole = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  return `${line`put ${mode.toString(8).padStart(4, "0")} ${owner} ${path}`} <<'${end}'\n${whole}${end}\n`;
}

/** A line that the text does not have: whatever it holds, it ends nowhere else. */
function delimiterFor(text: string): string {
  const lines = new Set(text.split("\n"));
  let end = "END";
  for (let count = 1; lines.has(end); count += 1) end = `END${count}`;
  return end;
}
