/**
 * Questions of one node → fewer commands. vtysh takes longer to start than to answer, so one of it is asked everything;
 * it repeats each command before its answer when told to echo them.
 */
import type { Question, Reply } from "./model.ts";

/** One command and the questions that it answers, in its order. */
export interface Bundle {
  readonly argv: readonly string[];
  readonly questions: readonly Question[];
}

/** Whether FRR answers it. */
export function isForFrr(question: Question): boolean {
  return vtyCommand(question) !== undefined;
}

/** All questions to FRR in one bundle, every other in one of its own. */
export function bundle(questions: readonly Question[]): readonly Bundle[] {
  const routing = questions.filter(isForFrr);
  const others = questions.filter((question) => !isForFrr(question));
  const alone = others.map((question) => ({ argv: question.argv, questions: [question] }));
  if (routing.length < 2) return [...routing.map((one) => ({ argv: one.argv, questions: [one] })), ...alone];
  const words = routing.flatMap((question) => ["-c", vtyCommand(question) ?? ""]);
  return [{ argv: ["vtysh", "--echo", ...words], questions: routing }, ...alone];
}

/** The command of a question that is just `vtysh -c COMMAND`. */
function vtyCommand({ argv: [program, flag, command, ...more] }: Question): string | undefined {
  return program === "vtysh" && flag === "-c" && more.length === 0 ? command : undefined;
}

/**
 * The reply to each question of a bundle; undefined for those that have to be asked by themselves: vtysh stops at the first
 * command that fails, and whose words a failing command printed is not told.
 */
export function unbundle({ questions }: Bundle, reply: Reply): readonly (Reply | undefined)[] {
  if (questions.length === 1) return [reply];
  if (reply.exitCode !== 0) return questions.map(() => undefined);
  let rest = reply.stdout;
  const answers = questions.toReversed().map((question) => {
    const echo = `# ${vtyCommand(question) ?? ""}\n`;
    const start = rest.lastIndexOf(echo);
    const before = rest.lastIndexOf("\n", start) + 1;
    if (start < 0) return undefined;
    const stdout = rest.slice(start + echo.length);
    // The prompt before it is the host name of the moment.
    rest = rest.slice(0, before);
    return { exitCode: 0, stdout, stderr: reply.stderr };
  });
  return answers.toReversed();
}
