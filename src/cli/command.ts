/** A command: typed flags that may also come from `LAB_…` variables, a handler that returns an exit code. */
import { buildCommand, type Command } from "@stricli/core";
import { UsageError } from "../errors.ts";
import { parseHostUrl } from "../remote/hypervisor/url.ts";
import type { AppContext } from "./context.ts";
import { orLeave, understand } from "./ending.ts";

/** What a shell may offer for a word: these, or what it has to look up. */
export type Completes = readonly string[] | "files" | "topologies" | "node" | "nodes";

/** What may be said of a flag here: the subset of the parser's that all commands need. */
export type FlagSpec =
  | { readonly kind: "boolean"; readonly brief: string; readonly optional: true; readonly withNegated: false }
  | {
      readonly kind: "parsed";
      readonly brief: string;
      readonly optional: true;
      readonly parse: (text: string) => unknown;
      readonly placeholder: string;
      readonly completes?: Completes;
    };

type ValueOf<Spec> = Spec extends { readonly kind: "boolean" }
  ? boolean
  : Spec extends { readonly parse: (text: string) => infer Value }
    ? Value
    : never;

export type FlagsOf<Specs extends Readonly<Record<string, FlagSpec>>> = {
  readonly [Name in keyof Specs]?: ValueOf<Specs[Name]>;
};

interface Rest {
  readonly placeholder: string;
  readonly brief: string;
  readonly completes?: Completes;
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface CommandSpec<Specs extends Readonly<Record<string, FlagSpec>>> {
  readonly brief: string;
  readonly fullDescription?: string;
  /** How it is called, after its name; `[FLAGS]` and the arguments if absent. */
  readonly usage?: string;
  readonly flags: Specs;
  readonly aliases?: Readonly<Partial<Record<string, keyof Specs & string>>>;
  /** Placeholder of the arguments after the flags; none if absent. */
  readonly rest?: Rest;
  /** Ends by itself, soon after the signal, when it is interrupted; any other command is left at once. */
  readonly tidiesUp?: true;
  /** Loads the work, so that help and completion need not. */
  load(): Promise<Run<Specs>>;
}

/** The work of a command; resolves to the exit code. */
export type Run<Specs extends Readonly<Record<string, FlagSpec>>> = (
  context: AppContext,
  flags: FlagsOf<Specs>,
  rest: readonly string[],
) => Promise<number>;

export function on(brief: string): FlagSpec & { kind: "boolean" } {
  return { kind: "boolean", brief, optional: true, withNegated: false };
}

export function value<Value>(brief: string, placeholder: string, parse: (text: string) => Value) {
  return { kind: "parsed", brief, optional: true, parse, placeholder } as const;
}

export function text(brief: string, placeholder: string, completes: Completes = []) {
  return { ...value(brief, placeholder, String), completes };
}

export function oneOf<const Choice extends string>(brief: string, choices: readonly Choice[]) {
  const parse = (given: string): Choice => {
    const choice = choices.find((candidate) => candidate === given);
    if (choice === undefined) throw new SyntaxError(`${given} is none of ${choices.join(", ")}`);
    return choice;
  };
  return { ...value(`${brief} (${choices.join(", ")})`, choices.join("|"), parse), completes: choices };
}

export function wholeNumber(brief: string, placeholder: string, least: number, most: number) {
  return value(brief, placeholder, (given) => {
    const number = Number(given);
    if (!/^\d+$/.test(given) || number < least || number > most) {
      throw new SyntaxError(`${given} is no whole number from ${least} to ${most}`);
    }
    return number;
  });
}

/** Flags that every command has. */
export const globalFlags = {
  topology: text("Topology file, or the name of a built-in one", "FILE", "topologies"),
  name: text("Name of the lab; the topology's if absent", "NAME"),
  hypervisor: oneOf("Where it runs", ["netns", "vm-bhyve"]),
  host: value(
    "Hypervisor over SSH, with vm-bhyve; a lab that is up remembers it",
    "ssh://[USER@]HOST[:PORT]",
    parseHostUrl,
  ),
  json: on("Data as JSON on stdout"),
  plain: on("Lines with timestamps instead of a live display"),
  verbose: on("List every check, those that hold as well"),
} as const;

const globalAliases = { t: "topology", n: "name", v: "verbose" } as const;

/** Builds the parser's command. Flags that were not given are looked up in the environment: `--until` is `LAB_UNTIL`. */
export function defineCommand<Specs extends Readonly<Record<string, FlagSpec>>>(
  spec: CommandSpec<Specs>,
): Command<AppContext> {
  const { rest, usage = "[FLAGS]" } = spec;
  const command = buildCommand<Record<string, unknown>, string[], AppContext>({
    docs: {
      brief: spec.brief,
      ...(spec.fullDescription === undefined ? {} : { fullDescription: spec.fullDescription }),
      customUsage: [usage],
    },
    parameters: {
      flags: spec.flags as never,
      aliases: { ...globalAliases, ...spec.aliases } as never,
      positional: (rest === undefined ? noArguments : restOf(rest)) as never,
    },
    async func(this: AppContext, given: Record<string, unknown>, ...args: string[]) {
      const flags = { ...fromEnvironment(spec.flags, this.process.env), ...dropUndefined(given) };
      const run = await spec.load();
      const { signal } = this.world;
      const work = run(this, flags as FlagsOf<Specs>, args);
      try {
        this.exitCode = await (spec.tidiesUp === true ? work : orLeave(work, signal));
      } catch (error) {
        throw understand(error, signal);
      }
    },
  });
  // The list of all commands shows the same line, instead of one with every flag of every command.
  return { ...command, formatUsageLine: ({ prefix }) => [...prefix, usage].join(" ") };
}

const noArguments = { kind: "tuple", parameters: [] } as const;

function restOf({ placeholder, brief, completes = [], minimum = 0, maximum = 10_000 }: Rest) {
  return { kind: "array", parameter: { parse: String, placeholder, brief, completes }, minimum, maximum } as const;
}

function fromEnvironment(
  specs: Readonly<Record<string, FlagSpec>>,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(specs).flatMap(([name, spec]) => {
      const given = env[variableOf(name)];
      if (given === undefined || given === "") return [];
      return [[name, spec.kind === "boolean" ? given !== "0" && given !== "false" : parseVariable(name, spec, given)]];
    }),
  );
}

function parseVariable(name: string, spec: FlagSpec & { kind: "parsed" }, given: string): unknown {
  try {
    return spec.parse(given);
  } catch (error) {
    throw new UsageError({
      code: "E_VARIABLE",
      message: `${variableOf(name)}: ${error instanceof Error ? error.message : String(error)}`,
      hint: `unset ${variableOf(name)}, or give it another value`,
      cause: error,
    });
  }
}

/** `--max-workers` is `LAB_MAX_WORKERS`. */
function variableOf(flag: string): string {
  return `LAB_${flag.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
}

function dropUndefined(given: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([, flag]) => flag !== undefined));
}
