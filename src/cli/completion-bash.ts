/** The completion script for bash, which zsh runs as well. */
import type { Completes } from "./command.ts";
import type { Words } from "./completion.ts";
import type { CommandWords, FlagWords } from "./words.ts";

export function bashScript({ commands, topologies }: Words): string {
  const flags = new Map(leavesOf(commands).flatMap(({ words }) => words.flags.map((flag) => [flag.long, flag])));
  const valued = [...flags.values()].filter(({ takesValue }) => takesValue);
  return [
    ...lookUps(topologies),
    "_lab_flag() {",
    ...caseOf(
      "$1",
      valued.map((flag) => [spellings(flag), offer(flag.completes)]),
    ),
    "}",
    "_lab_command() {",
    ...caseOf("$1", [
      ...leavesOf(commands).map(({ path, words }): Case => [path, describe(words)]),
      ...commands.filter(isGroup).map((group): Case => [group.names, describe(group)]),
      [[""], `arguments="${commands.flatMap(({ names }) => names).join(" ")}"`],
    ]),
    "}",
    main(valued, commands.filter(isGroup)),
    "complete -F _lab lab",
    "",
  ].join("\n");
}

type Case = readonly [patterns: readonly string[], line: string];

function caseOf(subject: string, cases: readonly Case[]): readonly string[] {
  const lines = cases.map(
    ([patterns, line]) =>
      `  ${patterns.map((one) => (one === "" ? '""' : one.replace(" ", "\\ "))).join(" | ")}) ${line} ;;`,
  );
  return [`  case "${subject}" in`, ...lines, "  *) return 1 ;;", "  esac"];
}

/** Commands that are no groups, by all names they may be called by. */
function leavesOf(
  commands: readonly CommandWords[],
): readonly { readonly path: readonly string[]; readonly words: CommandWords }[] {
  return commands.flatMap((command) =>
    isGroup(command)
      ? command.commands.map((words) => ({
          path: command.names.flatMap((group) => words.names.map((name) => `${group} ${name}`)),
          words,
        }))
      : [{ path: command.names, words: command }],
  );
}

function isGroup({ commands }: CommandWords): boolean {
  return commands.length > 0;
}

function spellings({ long, short }: FlagWords): readonly string[] {
  return short === undefined ? [long] : [short, long];
}

function describe({ flags, completes }: CommandWords): string {
  return `flags="${flags.map(({ long }) => long).join(" ")}" ${offer(completes)}`.trim();
}

/** What sets the words that may follow, or says how they are looked up. */
function offer(completes: Completes): string {
  return typeof completes === "string" ? `look=${completes}` : `arguments="${completes.join(" ")}"`;
}

function lookUps(topologies: readonly string[]): readonly string[] {
  return [
    "_lab_look_up() {",
    '  case "$1" in',
    "  files) files=yes ;;",
    `  topologies) files=yes arguments="${topologies.join(" ")}" ;;`,
    "  node) arguments=$(_lab_status node) ;;",
    "  nodes) arguments=$(_lab_status 'node\\|role') ;;",
    "  esac",
    "}",
    "# Nodes of the lab that is up and meant.",
    "_lab_status() {",
    `  "\${COMP_WORDS[0]}" status --json "\${meant[@]}" 2>/dev/null | grep -o "\\"\\($1\\)\\":\\"[a-z0-9-]*\\"" | cut -d'"' -f4 | sort -u`,
    "}",
  ];
}

/** Goes over the words before the one that is typed: which command, which flag waits for a value, which lab is meant. */
function main(valued: readonly FlagWords[], groups: readonly CommandWords[]): string {
  const lab = valued.filter(({ long }) => ["--topology", "--name"].includes(long)).flatMap(spellings);
  return String.raw`_lab() {
  local word="${"$"}{COMP_WORDS[COMP_CWORD]}" command="" flag="" rest=0 i=1 one head
  local flags="" arguments="" look="" files="" meant
  meant=()
  while [ "$i" -lt "$COMP_CWORD" ]; do
    one="${"$"}{COMP_WORDS[i]}"
    i=$((i + 1))
    # bash takes --flag=value apart.
    if [ "$one" = "=" ]; then continue; fi
    if [ -n "$flag" ]; then
      case "$flag" in ${lab.join(" | ")}) meant=("${"$"}{meant[@]}" "$flag" "$one") ;; esac
      flag=""
      continue
    fi
    case "$one" in
    --) return ;;
    ${valued.flatMap(spellings).join(" | ")}) flag="$one" ;;
    -*) ;;
    *)
      case "$command" in
      "") command="$one" ;;
      ${groups.flatMap(({ names }) => names).join(" | ")}) command="$command $one" ;;
      *) rest=$((rest + 1)) ;;
      esac
      ;;
    esac
  done
  if [ "$word" = "=" ]; then word=""; fi
  if [ -n "$flag" ]; then
    _lab_flag "$flag"
  else
    _lab_command "$command"
    case "$word" in -*) arguments="$flags" look="" ;; esac
  fi
  COMPREPLY=()
  # Only the first argument is nodes, and there may be several with commas between them.
  case "$look:$rest" in node:0 | nodes:0) ;; node*) return ;; esac
  _lab_look_up "$look"
  case "$look" in
  node | nodes)
    head=""
    case "$word" in *,*) head="${"$"}{word%,*}," word="${"$"}{word##*,}" ;; esac
    COMPREPLY=($(compgen -P "$head" -W "$arguments" -- "$word"))
    return
    ;;
  esac
  COMPREPLY=($(compgen -W "$arguments" -- "$word"))
  if [ -n "$files" ]; then
    compopt -o filenames 2>/dev/null
    local IFS=$'\n'
    COMPREPLY=("${"$"}{COMPREPLY[@]}" $(compgen -f -- "$word"))
  fi
}`;
}
