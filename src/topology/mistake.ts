/** What a stage finds wrong, before it is a line and a column: a place, a sentence, and the way out. */

/** From the top of the file: keys of mappings, numbers of list items (or of a mapping's entries). */
export type Path = readonly (string | number)[];

/** A word that may be a misspelling; the closest known word makes a better hint. */
export interface Misspelt {
  readonly word: string;
  readonly known: readonly string[];
}

/** What is wrong with a value of the tree, in a sentence for who wrote it. */
export interface Mistake {
  readonly path: Path;
  /** Where to point: at the key that names the value, or at the value itself (the default). */
  readonly at?: "key" | "value";
  readonly message: string;
  /** The way out. */
  readonly hint?: string;
  readonly misspelt?: Misspelt;
}

/** A mistake in the text itself, where there is no tree yet to have a path in. */
export interface Mark {
  /** UTF-16 code units from the start of the text. */
  readonly offset: number;
  readonly message: string;
  readonly hint?: string;
  readonly misspelt?: Misspelt;
  /** What follows from the text cannot be trusted after this. */
  readonly fatal?: boolean;
}
