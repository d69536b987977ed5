/** Side by side, and every problem of a stage at once. */
import { type ExitCode, LabError } from "../errors.ts";

/** Runs `work` for all items at once. Throws the only error as it is, several as one that lists them all. */
export async function together<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const outcomes = await Promise.allSettled(items.map((item) => work(item)));
  const errors = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
  if (errors.length > 0) throw combine(errors);
  return outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
}

function combine(errors: readonly unknown[]): unknown {
  const [first] = errors;
  // A bug of ours is thrown as it is: its stack says more than a list.
  const bug = errors.find((error) => !(error instanceof LabError));
  if (errors.length === 1 || bug !== undefined || !(first instanceof LabError)) return bug ?? first;
  const known = errors.filter((error): error is LabError => error instanceof LabError);
  return new LabError(
    {
      code: first.code,
      message: known.map((error) => error.message).join("\n"),
      ...(first.hint === undefined ? {} : { hint: first.hint }),
      cause: new AggregateError(errors),
    },
    Math.max(...known.map((error) => error.exitCode)) as ExitCode,
  );
}
