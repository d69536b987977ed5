/** Many guests asked by one command inside the sandbox: what `lab status` needs to answer at once. */
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

/** Answers by node; guests that do not run have none. */
export function readAnswers(output: string): Map<string, GuestAnswer> {
  const answers = new Map<string, GuestAnswer>();
  let rest = Buffer.from(output, "utf8");
  for (;;) {
    const end = rest.indexOf("\n");
    const [mark, node = "", exitCode, length] = rest.subarray(0, Math.max(end, 0)).toString().split(" ");
    if (end < 0 || mark !== "@@") return answers;
    const body = rest.subarray(end + 1, end + 1 + Number(length));
    answers.set(node, { exitCode: Number(exitCode), stdout: body.toString("utf8") });
    rest = rest.subarray(end + 1 + Number(length));
  }
}
