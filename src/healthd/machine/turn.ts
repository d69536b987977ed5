/** One step under way: the state so far and the actions it has caused. */
import type { Action, Word } from "./event.ts";
import type { Phase, State } from "./state.ts";

export interface Turn {
  readonly state: State;
  readonly actions: readonly Action[];
}

export function update({ state, actions }: Turn, changes: Partial<State>): Turn {
  return { state: { ...state, ...changes }, actions };
}

export function act({ state, actions }: Turn, word: Word, cover = false): Turn {
  return { state, actions: [...actions, { type: "act", word, cover }] };
}

export function alarm({ state, actions }: Turn, reason: string): Turn {
  return { state, actions: [...actions, { type: "alarm", reason }] };
}

/** Into another phase; the same one again is a new reason only. */
export function move(turn: Turn, phase: Phase, reason: string, now: number): Turn {
  const { state, actions } = turn;
  if (state.phase === phase) return update(turn, { reason });
  const moved: Action = { type: "moved", from: state.phase, to: phase, reason };
  return { state: { ...state, phase, reason, since: now }, actions: [...actions, moved] };
}
