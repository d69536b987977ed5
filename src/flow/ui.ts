/** How stages are shown: drawn live on a terminal, as lines with timestamps elsewhere, as NDJSON for programs. */
import { Listr, ListrLogger, PRESET_TIMER, PRESET_TIMESTAMP, ProcessOutput } from "listr2";

export interface Stage {
  readonly name: string;
  readonly title: string;
  /** Does the work; `note` shows what goes on. Resolves to one clause about what came of it. */
  run(note: (text: string) => void): Promise<string>;
}

export type UiMode = "live" | "plain" | "json";

export interface Ui {
  readonly mode: UiMode;
  /** Progress for people. */
  readonly progress: NodeJS.WriteStream;
  /** One JSON value a line, in `json` mode. */
  readonly emit: (event: Readonly<Record<string, unknown>>) => void;
}

/** Runs stages one after the other; the first that throws ends the run with its error. */
export async function runStages(stages: readonly Stage[], ui: Ui): Promise<void> {
  if (ui.mode === "json") {
    for (const stage of stages) await runEmitting(stage, ui);
    return;
  }
  const tasks = stages.map((stage) => ({
    title: stage.title,
    task: async (_: unknown, task: { title: string; output: string }) => {
      let shown = "";
      const said = await stage.run((text) => {
        // The same again is no news on a page of lines.
        if (text === shown) return;
        shown = text;
        task.output = text;
      });
      task.title = `${stage.title}: ${said}`;
    },
  }));
  const logger = new ListrLogger({ processOutput: new ProcessOutput(ui.progress, ui.progress) });
  // Listr's own handler would leave at once on Ctrl-C, without any undo.
  const common = { registerSignalListeners: false, exitOnError: true };
  if (ui.mode === "live") {
    const rendererOptions = { logger, timer: PRESET_TIMER, collapseSubtasks: true, showErrorMessage: false };
    await new Listr(tasks, { ...common, renderer: "default", rendererOptions }).run();
  } else {
    const rendererOptions = { logger, timestamp: PRESET_TIMESTAMP, timer: PRESET_TIMER };
    await new Listr(tasks, { ...common, renderer: "verbose", rendererOptions }).run();
  }
}

async function runEmitting(stage: Stage, ui: Ui): Promise<void> {
  ui.emit({ event: "stage", stage: stage.name, state: "begin" });
  try {
    const said = await stage.run((text) => ui.emit({ event: "note", stage: stage.name, text }));
    ui.emit({ event: "stage", stage: stage.name, state: "done", said });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    ui.emit({ event: "stage", stage: stage.name, state: "failed", message });
    throw error;
  }
}
