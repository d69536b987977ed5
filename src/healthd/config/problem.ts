/** Mistakes in configuration files, all at once, each with its place and the way out. */

export interface Problem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string;
}

/** What a value is, or what is wrong with it and what to write instead. */
export type Reading<T> = { readonly value: T } | { readonly message: string; readonly hint: string };

/** `file:line:column: message`, the way out indented below. */
export function formatProblem({ file, line, column, message, hint }: Problem): string {
  return `${file}:${line}:${column}: ${message}\n    ${hint}`;
}
