/** A long piece of work on standard error: one line that is drawn again on a terminal, a line for each news elsewhere. */
import { formatProgress } from "../report/progress.ts";
import type { AppContext } from "./context.ts";
import { chooseUi, type OutputFlags, say } from "./output.ts";

export interface Progress {
  show(percent: number, doing: string): void;
  /** The cursor goes to a line of its own again. */
  end(): void;
}

const toStartAndClear = "\r\u001B[2K";

export function startProgress(context: AppContext, flags: OutputFlags): Progress {
  const { stderr } = context.process;
  if (chooseUi(context, flags).mode !== "live") {
    return {
      show: (percent, doing) => say(context, `${String(percent).padStart(3)} % ${doing}`),
      end: () => undefined,
    };
  }
  let drawn = false;
  return {
    show(percent, doing) {
      drawn = true;
      // The last column stays free: some terminals wrap once it is written.
      const line = formatProgress(percent, doing, (stderr.columns || 80) - 1);
      stderr.write(`${toStartAndClear}${line}`);
    },
    end() {
      if (drawn) stderr.write("\n");
    },
  };
}
