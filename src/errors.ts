/**
 * Errors a user can act on. Each says what, where, why and the way out; anything else that is thrown is our bug.
 * Only `main.ts` turns them into exit codes.
 */

/** Documented exit codes; 130 is an interrupted run that cleaned up. */
export const exitCodes = {
  good: 0,
  checkFailed: 1,
  usage: 2,
  hostNotReady: 3,
  stepFailed: 4,
  notConverged: 5,
  locked: 6,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export interface Explanation {
  /** Stable text for scripts, e.g. `E_IMAGE_MISSING`. */
  readonly code: string;
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  readonly cause?: unknown;
}

export class LabError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;

  constructor(explanation: Explanation, exitCode: ExitCode = exitCodes.stepFailed) {
    super(explanation.message, { cause: explanation.cause });
    this.name = new.target.name;
    this.code = explanation.code;
    this.hint = explanation.hint;
    this.exitCode = exitCode;
  }
}

/** One mistake in a topology file. */
export interface Problem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint?: string;
}

/** Your file: every mistake of a stage at once. */
export class TopologyError extends LabError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super({ code: "E_TOPOLOGY", message: problems.map(formatProblem).join("\n") }, exitCodes.usage);
    this.problems = problems;
  }
}

/** `file:line:column: message`, the way out indented below. */
export function formatProblem(problem: Problem): string {
  const where = `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`;
  return problem.hint === undefined ? where : `${where}\n    ${problem.hint}`;
}

/** The command line. */
export class UsageError extends LabError {
  constructor(explanation: Explanation) {
    super(explanation, exitCodes.usage);
  }
}

/** This machine lacks something, be it the lab that a command is about; raised before anything is made. */
export class HostError extends LabError {
  constructor(explanation: Explanation) {
    super(explanation, exitCodes.hostNotReady);
  }
}

/** Why a command of this machine failed that was ended by an interruption. */
export const wasInterrupted = "was interrupted";

/** A tool failed on this machine. */
export class CommandError extends LabError {
  readonly argv: readonly string[];
  readonly status: number | undefined;
  /** It did not fail: we ended it. */
  readonly interrupted: boolean;

  constructor(argv: readonly string[], status: number | undefined, why: string, stderr: string) {
    const tail = lastLines(stderr, 8);
    super({
      code: "E_COMMAND",
      message: `${argv.join(" ")}: ${why}${tail === "" ? "" : `\n${indent(tail)}`}`,
    });
    this.argv = argv;
    this.status = status;
    this.interrupted = why === wasInterrupted;
  }
}

/** A guest did not answer or was not right: names node, command, exit code and the last lines of stderr. */
export class NodeError extends LabError {
  readonly node: string;

  constructor(node: string, explanation: Explanation, exitCode: ExitCode = exitCodes.stepFailed) {
    super({ ...explanation, message: `${node}: ${explanation.message}` }, exitCode);
    this.node = node;
  }
}

/** The only error as it is, several as one that lists them all and has the gravest exit code. */
export function combineErrors(errors: readonly unknown[]): unknown {
  const [first] = errors;
  // A bug of ours is thrown as it is: its stack says more than a list.
  const bug = errors.find((error) => !(error instanceof LabError));
  if (errors.length === 1 || bug !== undefined || !(first instanceof LabError)) return bug ?? first;
  const known = errors.filter((error): error is LabError => error instanceof LabError);
  return new LabError(
    {
      code: first.code,
      // What lies before all nodes, such as a hypervisor, fails for each of them.
      message: [...new Set(known.map((error) => error.message))].join("\n"),
      ...(first.hint === undefined ? {} : { hint: first.hint }),
      cause: new AggregateError(errors),
    },
    Math.max(...known.map((error) => error.exitCode)) as ExitCode,
  );
}

/** The last `count` lines of a text, without trailing white space. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}

function indent(text: string): string {
  return text.replace(/^/gm, "    ");
}
