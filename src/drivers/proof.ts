/**
 * What is true on the hypervisor, said as data: conditions that an act waits for, needs, or is left out without. Hypervisor
 * tools return before they are done, and with 0 when they failed, so files and devices are asked instead.
 */
import type { Argv } from "../kinds/kind.ts";

/** A key of a configuration file and a word that its value holds. */
export type Setting = readonly [key: string, word: string];

export type Condition =
  | { readonly is: "there" | "gone"; readonly paths: readonly string[] }
  /** All of the settings are in the file, or none. */
  | { readonly is: "set" | "unset"; readonly file: string; readonly settings: readonly Setting[] }
  /** The bridge of a switch exists, or does not. */
  | { readonly is: "bridged" | "unbridged"; readonly switch: string }
  /** Nobody else has these names. */
  | { readonly is: "free"; readonly switches: readonly string[]; readonly guests: readonly string[] }
  /** No lab has claimed any name on the host. */
  | { readonly is: "unclaimed" }
  /** A lock file names this host, or nobody. */
  | { readonly is: "own-lock"; readonly path: string };

/** What is tried when an act is not done yet; then the act is repeated. */
export interface Remedy {
  readonly when: readonly Condition[];
  /** Nothing but a little time, if absent. */
  readonly argv?: Argv;
}

export interface Proof {
  readonly holds: readonly Condition[];
  /** A command that fails is believed, whatever holds: it has made the first half. */
  readonly strict?: boolean;
  /** How long it may take after the command has returned. */
  readonly withinMs: number;
  /** It must still hold after this time. */
  readonly steadyMs?: number;
  readonly remedies?: readonly Remedy[];
  /** What this file says since the act began tells why: its last lines go into the error, and some words end the wait. */
  readonly log?: { readonly path: string; readonly fatal: RegExp };
  /** The way out for a person. */
  readonly hint: string;
}

/** A condition in words, for `--dry-run` and errors. */
export function describeCondition(condition: Condition): string {
  switch (condition.is) {
    case "there":
      return `${condition.paths.join(" and ")} ${plural(condition.paths, "exists", "exist")}`;
    case "gone":
      return `${condition.paths.join(" and ")} ${plural(condition.paths, "is", "are")} gone`;
    case "set":
      return `${condition.file} has ${condition.settings.map(showSetting).join(" and ")}`;
    case "unset":
      return `${condition.file} lacks ${condition.settings.map(showSetting).join(" and ")}`;
    case "bridged":
      return `the bridge of ${condition.switch} exists`;
    case "unbridged":
      return `the bridge of ${condition.switch} is gone`;
    case "free":
      return "nobody else has these names";
    case "unclaimed":
      return "no lab has names on this host";
    case "own-lock":
      return `${condition.path} names this host`;
  }
}

export function describeConditions(conditions: readonly Condition[]): string {
  return conditions.map(describeCondition).join(", ");
}

function showSetting([key, word]: Setting): string {
  return `${key}=${word}`;
}

function plural(items: readonly unknown[], one: string, many: string): string {
  return items.length === 1 ? one : many;
}
