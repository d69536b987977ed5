/** The maintenance file: there, the service steps back. It is what people want, so it outlives healthd. */
import { existsSync, readFileSync } from "node:fs";
import type { Mode } from "../machine/state.ts";

const words: ReadonlySet<string> = new Set<Mode>(["ready", "drain", "maint"]);

/** Its first word; whatever else it says, whoever made it wanted the service to step back. */
export function readMode(file: string): Mode {
  // Almost always it is not there, and an exception costs more than a check.
  if (!existsSync(file)) return "ready";
  try {
    const [word = ""] = readFileSync(file, "utf8").trim().split(/\s/);
    return words.has(word) ? (word as Mode) : "drain";
  } catch (error) {
    // One that may not be read is there; one that went just now is not.
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "ready" : "drain";
  }
}
