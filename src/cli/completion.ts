/** Completion scripts, made from the command table: commands, their flags, and names of nodes of a running lab. */
import * as flags from "./flags.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

export function isShell(text: string): text is Shell {
  return shells.some((shell) => shell === text);
}

const commandFlags: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  up: flags.upFlags,
  down: flags.downFlags,
  plan: flags.globalFlags,
  check: flags.globalFlags,
  verify: flags.verifyFlags,
  status: flags.globalFlags,
  exec: flags.globalFlags,
  ssh: flags.globalFlags,
  logs: flags.globalFlags,
  generate: flags.generateFlags,
  doctor: flags.doctorFlags,
  image: flags.globalFlags,
  completion: flags.globalFlags,
};

export function completionScript(shell: Shell): string {
  const commands = Object.keys(commandFlags);
  const cases = commands.map((name) => [name, wordsFor(name)] as const);
  if (shell === "fish") return fishScript(cases);
  const bash = bashScript(commands, cases);
  // zsh runs bash's completion functions.
  return shell === "bash" ? bash : `autoload -U +X bashcompinit && bashcompinit\n${bash}`;
}

function wordsFor(command: string): readonly string[] {
  const own = Object.keys(commandFlags[command] ?? {}).map(
    (name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  );
  if (command === "image") return ["list", "build", ...own];
  return command === "completion" ? [...shells, ...own] : own;
}

type Cases = readonly (readonly [string, readonly string[]])[];

function bashScript(commands: readonly string[], cases: Cases): string {
  return [
    "_lab() {",
    // oxlint-disable-next-line no-template-curly-in-string -- the shell expands it
    '  local word="${COMP_WORDS[COMP_CWORD]}" words',
    '  case "$COMP_CWORD:${COMP_WORDS[1]}" in',
    `  1:*) words="${commands.join(" ")}" ;;`,
    ...cases.map(([name, words]) => `  *:${name}) words="${words.join(" ")}" ;;`),
    "  esac",
    '  case "${COMP_WORDS[1]}" in',
    // Names of nodes, where a lab is up.
    `  exec | ssh | logs) words="$words $(lab status --json 2>/dev/null | grep -o '"node":"[a-z0-9-]*"' | cut -d'"' -f4)" ;;`,
    "  esac",
    '  COMPREPLY=($(compgen -W "$words" -- "$word"))',
    "}",
    "complete -o default -F _lab lab",
    "",
  ].join("\n");
}

function fishScript(cases: Cases): string {
  return cases
    .flatMap(([name, words]) => [
      `complete -c lab -n __fish_use_subcommand -f -a ${name}`,
      ...words.map((word) => {
        const what = word.startsWith("--") ? `-l ${word.slice(2)}` : `-f -a ${word}`;
        return `complete -c lab -n '__fish_seen_subcommand_from ${name}' ${what}`;
      }),
    ])
    .map((line) => `${line}\n`)
    .join("");
}
