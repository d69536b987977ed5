/** Completion scripts, written from the words of the command table: nothing here knows a command or a flag. */
import { bashScript } from "./completion-bash.ts";
import { fishScript } from "./completion-fish.ts";
import type { CommandWords } from "./words.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

export function isShell(text: string): text is Shell {
  return shells.some((shell) => shell === text);
}

/** All that a script is written from. */
export interface Words {
  readonly commands: readonly CommandWords[];
  /** Built-in topologies. */
  readonly topologies: readonly string[];
}

export function completionScript(shell: Shell, words: Words): string {
  if (shell === "fish") return fishScript(words);
  const bash = bashScript(words);
  return shell === "bash" ? bash : `${zshPrelude}\n${bash}`;
}

/** zsh runs bash's completion functions, once its own are there. */
const zshPrelude = [
  "(( $+functions[compdef] )) || { autoload -U compinit && compinit; }",
  "autoload -U +X bashcompinit && bashcompinit",
].join("\n");
