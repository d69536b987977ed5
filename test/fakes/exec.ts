import { CommandError } from "../../src/errors.ts";
import type { Exec, RunOptions, RunResult } from "../../src/system/exec.ts";

export interface Call {
  readonly how: keyof Exec;
  readonly argv: readonly string[];
  readonly options: RunOptions;
}

export type Reply = Partial<Pick<RunResult, "exitCode" | "stdout" | "stderr" | "failure">>;

export interface FakeExec extends Exec {
  readonly calls: Call[];
  /** Argument lists so far, the way a person would write them. */
  lines(): string[];
}

/** Answers by script. A command that the script does not know fails the test, as does any other way of starting one. */
export function fakeExec(
  script: (argv: readonly string[], options: RunOptions) => Reply | undefined | Promise<Reply | undefined>,
  others: Partial<Pick<Exec, "detach" | "duplex" | "interact">> = {},
): FakeExec {
  const calls: Call[] = [];
  const answer = async (argv: readonly string[], options: RunOptions = {}): Promise<RunResult> => {
    calls.push({ how: "try", argv, options });
    const reply = await script(argv, options);
    if (reply === undefined) throw unscripted("run", argv);
    const { exitCode = 0, stdout = "", stderr = "" } = reply;
    const failure = reply.failure ?? (exitCode === 0 ? undefined : `failed with exit code ${exitCode}`);
    for (const [stream, text] of [["stdout", stdout] as const, ["stderr", stderr] as const]) {
      for (const line of text.split("\n").filter(Boolean)) options.onLine?.(line, stream);
    }
    return { argv, exitCode, stdout, stderr, failure };
  };
  return {
    calls,
    lines: () => calls.map(({ argv }) => argv.join(" ")),
    try: answer,
    async run(argv, options) {
      const result = await answer(argv, options);
      if (result.failure === undefined) return result;
      throw new CommandError(argv, result.exitCode, result.failure, result.stderr);
    },
    async detach(argv, options) {
      calls.push({ how: "detach", argv, options: {} });
      if (others.detach === undefined) throw unscripted("detach", argv);
      return others.detach(argv, options);
    },
    duplex(argv) {
      if (others.duplex === undefined) throw unscripted("duplex", argv);
      return others.duplex(argv);
    },
    interact(argv, env) {
      if (others.interact === undefined) throw unscripted("interact", argv);
      return others.interact(argv, env);
    },
  };
}

function unscripted(how: string, argv: readonly string[]): Error {
  return new Error(`unscripted ${how}: ${argv.join(" ")}`);
}
