/** Puts questions to nodes: all nodes at once, the questions of one node side by side over its one connection. */
import { LabError } from "../errors.ts";
import type { Answer } from "../verify/model.ts";
import { askKey, type NodeQuestions } from "../verify/questions.ts";
import type { Fleet } from "./fleet.ts";

export interface AskOptions {
  /** How long a node that does not answer is waited for. */
  readonly connectMs: number;
  readonly timeoutMs: number;
}

/** Answers by `askKey`. A node that does not answer gives "unreachable" to all its questions. */
export async function askNodes(
  fleet: Fleet,
  questions: readonly NodeQuestions[],
  options: AskOptions,
): Promise<Map<string, Answer>> {
  const answers = await Promise.all(questions.map((one) => askNode(fleet, one, options)));
  return new Map(answers.flat());
}

async function askNode(
  fleet: Fleet,
  { node, questions }: NodeQuestions,
  options: AskOptions,
): Promise<[string, Answer][]> {
  return Promise.all(
    questions.map(async (question): Promise<[string, Answer]> => {
      const key = askKey({ node, question });
      try {
        const { exitCode = 255, stdout, stderr } = await fleet.try(node, question.argv, options);
        return [key, { exitCode, stdout, stderr }];
      } catch (error) {
        if (!(error instanceof LabError)) throw error;
        return [key, { unreachable: error.message.split("\n")[0] ?? error.message }];
      }
    }),
  );
}
