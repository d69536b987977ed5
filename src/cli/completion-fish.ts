/** The completion script for fish. */
import type { Completes } from "./command.ts";
import type { Words } from "./completion.ts";
import type { CommandWords, FlagWords } from "./words.ts";

export function fishScript({ commands, topologies }: Words): string {
  return [
    functionsFor(commands),
    "complete -c lab -f",
    ...commands.flatMap((command) => [
      ...command.names.map((name) => `complete -c lab -n __lab_is -a ${name} -d ${quote(command.brief)}`),
      ...(command.commands.length > 0
        ? groupLines(command, topologies)
        : commandLines(command, command.names, topologies)),
    ]),
    "",
  ].join("\n");
}

/** What conditions and lookups go by: the words before the one that is typed, without flags and their values. */
function functionsFor(commands: readonly CommandWords[]): string {
  const flags = [...commands, ...commands.flatMap((group) => group.commands)].flatMap((command) => command.flags);
  const valued = flags.filter(({ takesValue }) => takesValue).flatMap(spellings);
  const lab = flags.filter(({ long }) => ["--topology", "--name"].includes(long)).flatMap(spellings);
  return String.raw`function __lab_words
    set -l flag
    for one in (commandline -opc)[2..]
        if set -q flag[1]
            set flag
            continue
        end
        switch $one
            case ${[...new Set(valued)].join(" ")}
                set flag $one
            case --
                echo --
            case '-*'
            case '*'
                echo $one
        end
    end
end
# The words are one of these.
function __lab_is
    set -l words (__lab_words)
    test -z "$words$argv"; or contains -- "$words" $argv
end
# The words begin with one of these.
function __lab_in
    set -l words (__lab_words)
    contains -- -- $words; and return 1
    for name in $argv
        string match -q -- "$name *" "$words "; and return 0
    end
    return 1
end
# Nodes of the lab that is up and meant; there may be some before it, with commas between them.
function __lab_nodes
    set -l meant
    set -l before
    for one in (commandline -opc)
        contains -- "$before" ${[...new Set(lab)].join(" ")}; and set -a meant $before $one
        set before $one
    end
    set -l head (string match -r '^.*,' -- (commandline -ct))
    set -l program (commandline -opc)[1]
    $program status --json $meant 2>/dev/null | string match -ra '"(?:'$argv[1]')":"[a-z0-9-]*"' \
        | string replace -r '.*:"(.*)"' "$head"'$1' | sort -u
end`;
}

function spellings({ long, short }: FlagWords): readonly string[] {
  return short === undefined ? [long] : [short, long];
}

function groupLines(group: CommandWords, topologies: readonly string[]): readonly string[] {
  const [name = ""] = group.names;
  return group.commands.flatMap((command) => [
    `complete -c lab -n '__lab_is ${name}' -a ${command.names.join(" ")} -d ${quote(command.brief)}`,
    ...commandLines(
      command,
      command.names.map((own) => `"${name} ${own}"`),
      topologies,
    ),
  ]);
}

function commandLines(
  command: CommandWords,
  names: readonly string[],
  topologies: readonly string[],
): readonly string[] {
  const start = `complete -c lab -n '__lab_in ${names.join(" ")}'`;
  const rest = offer(command.completes, topologies);
  const first = `complete -c lab -n '__lab_is ${names.join(" ")}'`;
  const isNodes = command.completes === "node" || command.completes === "nodes";
  return [
    ...command.flags.map(
      (flag) =>
        `${start} ${spelling(flag)}${flag.takesValue ? ` ${valueOf(flag, topologies)}` : ""} -d ${quote(flag.brief)}`,
    ),
    ...(rest === "" ? [] : [`${isNodes ? first : start}${rest}`]),
  ];
}

function spelling({ long, short }: FlagWords): string {
  return `${short === undefined ? "" : `-s ${short.slice(1)} `}-l ${long.slice(2)}`;
}

/** Values that are no files keep fish from offering files. */
function valueOf({ completes }: FlagWords, topologies: readonly string[]): string {
  const given = offer(completes, topologies);
  return given.includes(" -F") ? `-r${given}` : `-x${given}`;
}

function offer(completes: Completes, topologies: readonly string[]): string {
  if (completes === "files") return " -F";
  if (completes === "topologies") return ` -F -a '${topologies.join(" ")}'`;
  if (completes === "node") return " -a '(__lab_nodes node)'";
  if (completes === "nodes") return ` -a '(__lab_nodes "node|role")'`;
  return completes.length === 0 ? "" : ` -a '${completes.join(" ")}'`;
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
