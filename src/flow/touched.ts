/** What a change leaves on nodes beyond their own files until it ends, on disk: the next `up` after a crash undoes it. */
import { readTextOr, removeTree, replaceFile } from "../system/files.ts";
import type { Pinned } from "./pins.ts";
import type { State } from "./state.ts";

export interface Touched {
  readonly pins: readonly Pinned[];
  /** Nodes whose FRR was told more than its files say. */
  readonly told: readonly string[];
}

export const untouched: Touched = { pins: [], told: [] };

export function isUntouched({ pins, told }: Touched): boolean {
  return pins.length + told.length === 0;
}

export async function readTouched({ touched }: State): Promise<Touched> {
  const text = await readTextOr(touched, undefined);
  return text === undefined ? untouched : (JSON.parse(text) as Touched);
}

export async function writeTouched({ touched }: State, value: Touched): Promise<void> {
  if (isUntouched(value)) await removeTree(touched);
  else await replaceFile(touched, JSON.stringify(value), 0o600);
}
