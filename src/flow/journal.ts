/** What was begun and what was done, appended and synced before each act: what a run was at when it was killed. */
import type { Clock } from "../system/clock.ts";
import { appendLine, readTextOr } from "../system/files.ts";

export type JournalEvent =
  | { readonly event: "begin"; readonly act: string; readonly argv?: readonly string[] }
  | { readonly event: "done"; readonly act: string }
  | {
      readonly event: "stage";
      readonly stage: string;
      readonly state: "begin" | "done";
      /** Of the build that ended: guests or links were made or removed. */
      readonly changed?: true;
    };

export interface Journal {
  write(event: JournalEvent): void;
}

/** Does some work between the two lines that tell of it. */
export async function journalled<T>(journal: Journal, act: string, work: () => Promise<T>): Promise<T> {
  journal.write({ event: "begin", act });
  const result = await work();
  journal.write({ event: "done", act });
  return result;
}

export function openJournal(path: string, clock: Clock): Journal {
  return {
    write(event) {
      appendLine(path, JSON.stringify({ at: new Date(clock.now()).toISOString(), ...event }));
    },
  };
}

/** Events so far; a line that a crash cut short is left out. */
export async function readJournal(path: string): Promise<JournalEvent[]> {
  const text = await readTextOr(path, "");
  return text.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line) as JournalEvent];
    } catch {
      return [];
    }
  });
}
