/** A command on a node that goes on until it is told to stop: each line is heard as it comes. */
import { NodeError, type Explanation } from "../errors.ts";
import type { Argv } from "../kinds/kind.ts";
import type { Fleet } from "../remote/fleet.ts";

export interface Following {
  readonly node: string;
  readonly argv: Argv;
  /** Tells it to stop. */
  readonly signal: AbortSignal;
  /** Hears each line of standard output. */
  readonly hear: (line: string) => void;
  /** What it means when it ends by itself. */
  readonly endedMeans: Omit<Explanation, "cause">;
}

/** Longer than any drill. */
const foreverMs = 24 * 3600 * 1000;
/** For what is under way when it is told to stop, on a machine that is busy. */
const graceMs = 10_000;
const connectMs = 10_000;
/** More than any drill has to tell: what says more would fill our memory. */
const mostLines = 1_000_000;

export class Followed {
  /** Resolves whatever the end. */
  readonly ended: Promise<void>;
  #failure: unknown;

  constructor(fleet: Pick<Fleet, "try">, following: Following) {
    this.ended = this.#follow(fleet, following);
  }

  /** Throws NodeError once it has ended without being told to. */
  throwIfEnded(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #follow(fleet: Pick<Fleet, "try">, { node, argv, signal, hear, endedMeans }: Following): Promise<void> {
    let lines = 0;
    const onLine = (line: string, stream: "stdout" | "stderr") => {
      if (stream === "stderr") return;
      lines += 1;
      if (lines <= mostLines) hear(line);
      else this.#failure ??= new NodeError(node, { code: "E_OUTPUT", message: `says too much: ${argv.join(" ")}` });
    };
    try {
      const { stderr } = await fleet.try(node, argv, { signal, onLine, graceMs, connectMs, timeoutMs: foreverMs });
      if (signal.aborted) return;
      const said = stderr.trim().split("\n").slice(-3).join(" ");
      this.#failure = new NodeError(node, { ...endedMeans, message: `${endedMeans.message}: ${said}` });
    } catch (error) {
      if (!signal.aborted) this.#failure = error;
    }
  }
}
