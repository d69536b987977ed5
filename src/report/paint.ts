/** Colours are the caller's: reports are pure text, and `node:util`'s styleText fits this shape as it is. */

export type Style = "bold" | "dim" | "green" | "red" | "yellow" | "cyan";

export type Paint = (style: Style, text: string) => string;

/** No colour: logs, pipes, tests. */
export const plain: Paint = (_, text) => text;

export interface LayoutOptions {
  readonly paint?: Paint;
  /** Columns of the terminal; lines are not cut where absent. */
  readonly width?: number;
}
