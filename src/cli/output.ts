/** How results and progress leave the program: data on stdout, progress on stderr, colours only where they are wanted. */
import { styleText } from "node:util";
import type { Ui } from "../flow/ui.ts";
import type { LayoutOptions, Paint } from "../report/paint.ts";
import type { AppContext } from "./context.ts";

export interface OutputFlags {
  readonly json?: boolean;
  readonly plain?: boolean;
}

export function chooseUi(context: AppContext, flags: OutputFlags): Ui {
  const { stderr, env } = context.process;
  const live = stderr.isTTY === true && flags.plain !== true && env["CI"] === undefined;
  return {
    mode: flags.json === true ? "json" : live ? "live" : "plain",
    progress: stderr,
    emit: (event) => printJson(context, event),
  };
}

/** One JSON value on one line. */
export function printJson(context: AppContext, value: unknown): void {
  context.process.stdout.write(`${JSON.stringify(value)}\n`);
}

export function printLines(context: AppContext, lines: readonly string[]): void {
  context.process.stdout.write(lines.map((line) => `${line}\n`).join(""));
}

/** Progress and remarks, for people. */
export function say(context: AppContext, line: string): void {
  context.process.stderr.write(`${line}\n`);
}

/** Colours text where stdout is a terminal and nobody asked for none. */
export function painter(context: AppContext): Paint {
  const { stdout, env } = context.process;
  const colours = stdout.isTTY === true && (env["NO_COLOR"] ?? "") === "";
  return (style, words) => (colours ? styleText(style, words) : words);
}

/** How tables are laid out on this standard output. */
export function layoutOf(context: AppContext): LayoutOptions {
  const { stdout } = context.process;
  return { paint: painter(context), ...(stdout.isTTY === true && { width: stdout.columns }) };
}
