/** Colours are the caller's: reports are pure text, and `node:util`'s styleText fits this shape as it is. */

/** Names that `node:util`'s styleText knows as well. */
export type Style = "bold" | "dim" | "green" | "red" | "yellow" | "cyan";

/** The text with its style around it; it may not change the width. */
export type Paint = (style: Style, text: string) => string;

/** No colour: logs, pipes, tests. */
export const plain: Paint = (_, text) => text;

/** Plain, and as wide as it gets, where nothing is said. */
export interface LayoutOptions {
  readonly paint?: Paint;
  /** Columns of the terminal; lines are not cut where absent. */
  readonly width?: number;
}
