/** The words that the command line takes, read off the parser's own table, for whoever offers them. */
import type { Command, RouteMap } from "@stricli/core";
import type { Completes, FlagSpec } from "./command.ts";
import type { AppContext } from "./context.ts";

export interface FlagWords {
  /** With its dashes, e.g. `--dry-run`. */
  readonly long: string;
  readonly short?: string;
  readonly brief: string;
  /** Whether a value follows. */
  readonly takesValue: boolean;
  readonly completes: Completes;
}

export interface CommandWords {
  /** Its name, then its other names. */
  readonly names: readonly string[];
  readonly brief: string;
  readonly flags: readonly FlagWords[];
  /** What its arguments are. */
  readonly completes: Completes;
  /** The commands of a group. */
  readonly commands: readonly CommandWords[];
}

type Target = Command<AppContext> | RouteMap<AppContext>;

export function commandWords(routes: RouteMap<AppContext>): readonly CommandWords[] {
  return routes
    .getAllEntries()
    .map(({ name, aliases, target }) => wordsOf([name["convert-camel-to-kebab"], ...aliases], target));
}

function wordsOf(names: readonly string[], target: Target): CommandWords {
  if ("getAllEntries" in target) {
    const commands = commandWords(target);
    return { names, brief: target.brief, flags: [], completes: commands.flatMap((command) => command.names), commands };
  }
  const { flags = {}, aliases = {}, positional } = target.parameters;
  const shorts = new Map(Object.entries(aliases).map(([short, long]) => [long, `-${short}`]));
  return {
    names,
    brief: target.brief,
    // The parser keeps our own specifications as they are.
    flags: Object.entries(flags as Readonly<Record<string, FlagSpec>>).map(([name, flag]) =>
      flagWords(name, flag, shorts.get(name)),
    ),
    completes: positional?.kind === "array" ? completesOf(positional.parameter) : [],
    commands: [],
  };
}

function flagWords(name: string, spec: FlagSpec, short: string | undefined): FlagWords {
  return {
    long: `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    ...(short !== undefined && { short }),
    brief: spec.brief,
    takesValue: spec.kind === "parsed",
    completes: completesOf(spec),
  };
}

function completesOf(specification: object & { readonly completes?: Completes }): Completes {
  return specification.completes ?? [];
}
