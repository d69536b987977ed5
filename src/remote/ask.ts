/** Puts questions to nodes: all nodes at once, each in as few round trips as the patience of its questions allows. */
import { LabError } from "../errors.ts";
import type { Argv } from "../kinds/kind.ts";
import { bundle, unbundle } from "../verify/bundle.ts";
import { speak, type Spoken } from "../verify/freebsd.ts";
import type { Answer, Question, Reply } from "../verify/model.ts";
import { askKey, type NodeQuestions } from "../verify/questions.ts";
import type { RemoteResult } from "./command.ts";
import type { Fleet } from "./fleet.ts";

type Unreachable = Exclude<Answer, Reply>;

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
  const answers = await Promise.all(questions.map((one) => new Asking(fleet, one.node, options).all(one.questions)));
  return new Map(answers.flat());
}

/** The questions of one node. */
class Asking {
  readonly #fleet: Fleet;
  readonly #node: string;
  readonly #options: AskOptions;

  constructor(fleet: Fleet, node: string, options: AskOptions) {
    this.#fleet = fleet;
    this.#node = node;
    this.#options = options;
  }

  async all(questions: readonly Question[]): Promise<[string, Answer][]> {
    const waiting = questions.filter(({ waits }) => waits === true);
    const quick = questions.filter(({ waits }) => waits !== true);
    const answers = await Promise.all([this.#quick(quick), ...waiting.map((question) => this.#alone(question))]);
    return answers.flat();
  }

  /** In one round trip. What stays without an answer, since its neighbour failed or hung, is asked by itself. */
  async #quick(questions: readonly Question[]): Promise<[string, Answer][]> {
    const bundles = bundle(questions);
    const spoken = bundles.map((one) => this.#speak(one));
    const batch = await this.#batch(spoken.map(({ argv }) => argv));
    if ("unreachable" in batch) return questions.map((question) => this.#keyed(question, batch));
    const answers = bundles.flatMap((one, index): [Question, Answer | undefined][] => {
      const reply = batch.replies[index];
      const read = reply === undefined ? [] : unbundle(one, spoken[index]?.read(reply) ?? reply);
      return one.questions.map((question, place) => [question, read[place]]);
    });
    const known = answers.flatMap(([question, answer]) =>
      answer === undefined ? [] : [this.#keyed(question, answer)],
    );
    const open = answers.flatMap(([question, answer]) => (answer === undefined ? [question] : []));
    return [...known, ...(await Promise.all(open.map((question) => this.#alone(question)))).flat()];
  }

  /** No replies where the node was reached but the batch did not end: each of its questions then finds out why. */
  async #batch(commands: readonly Argv[]): Promise<{ readonly replies: readonly Reply[] } | Unreachable> {
    const options = { ...this.#options, timeoutMs: this.#options.timeoutMs / 3 };
    try {
      return { replies: (await this.#fleet.batch(this.#node, commands, options)).map(toReply) };
    } catch (error) {
      const answer = unreachable(error);
      const { code } = error as LabError;
      return code === "E_TIMEOUT" || code === "E_CONNECTION_LOST" ? { replies: [] } : answer;
    }
  }

  async #alone(question: Question): Promise<[string, Answer][]> {
    try {
      const spoken = this.#speak(question);
      const result = await this.#fleet.try(this.#node, spoken.argv, this.#options);
      return [this.#keyed(question, spoken.read(toReply(result)))];
    } catch (error) {
      return [this.#keyed(question, unreachable(error))];
    }
  }

  /** In the words of the node's system. */
  #speak({ argv }: { readonly argv: Argv }): Spoken {
    return speak(argv, this.#fleet.isFreeBsd(this.#node));
  }

  #keyed(question: Question, answer: Answer): [string, Answer] {
    return [askKey({ node: this.#node, question }), answer];
  }
}

function toReply({ exitCode = 255, stdout, stderr }: RemoteResult): Reply {
  return { exitCode, stdout, stderr };
}

/** What a node that could not be asked answers; anything but a node's failure is a bug and goes on. */
function unreachable(error: unknown): Unreachable {
  if (!(error instanceof LabError)) throw error;
  return { unreachable: error.message.split("\n")[0] ?? error.message };
}
