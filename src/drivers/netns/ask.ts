/** Many guests asked by one command inside the sandbox: what `lab status` needs to answer at once. */
import { combineErrors, NodeError } from "../../errors.ts";
import type { Argv } from "../../kinds/kind.ts";

export interface GuestAsk {
  readonly node: string;
  readonly argv: Argv;
}

export interface GuestAnswer {
  readonly exitCode: number;
  /** Standard output and error as they came. */
  readonly stdout: string;
}

/** Standard input of `ask-all`. Throws RangeError on words that its format cannot hold. */
export function formatAsks(asks: readonly GuestAsk[]): string {
  return asks
    .map(({ node, argv }) => {
      const words = [node, ...argv];
      if (words.some((word) => word === "" || /[\t\n]/.test(word)))
        throw new RangeError("no tabs or line ends in words");
      return `${words.join("\t")}\n`;
    })
    .join("");
}

/** Answers by node, told apart by the mark that `ask-all` was given; guests that do not run have none. */
export function readAnswers(output: string, mark: string): Map<string, GuestAnswer> {
  const pieces = output.split(new RegExp(String.raw`\n${mark} (\S+) (\d+)\n`));
  const answers = new Map<string, GuestAnswer>();
  for (let index = 0; index + 2 < pieces.length; index += 3) {
    const [stdout = "", node = "", exitCode = ""] = pieces.slice(index, index + 3);
    answers.set(node, { exitCode: Number(exitCode), stdout });
  }
  return answers;
}

/** Ends the answer of each guest of an act: what guests are told to do prints nothing of the sort. */
export const toldEnd = "lab-answer";

/** Throws the errors of all guests that did not do what an act told them. */
export function throwUnlessDone(guests: readonly string[], stdout: string): void {
  const answers = readAnswers(stdout, toldEnd);
  const errors = guests.flatMap((node) => {
    const answer = answers.get(node);
    if (answer?.exitCode === 0) return [];
    const said = answer === undefined ? "it does not run" : `exit code ${answer.exitCode}: ${answer.stdout.trim()}`;
    return [new NodeError(node, { code: "E_GUEST", message: said, hint: `lab logs ${node}` })];
  });
  if (errors.length > 0) throw combineErrors(errors);
}
