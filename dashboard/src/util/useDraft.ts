/** What a form holds until it is saved as a whole, and what is wrong with it by field. */
import { useState } from 'react';

export interface DraftState<Draft, Wrong> {
  /** What the form began with. */
  readonly start: Draft;
  readonly draft: Draft;
  readonly wrong: Wrong;
  readonly setWrong: (wrong: Wrong) => void;
  /** A field that is changed is no longer wrong. */
  readonly set: (change: Partial<Draft>) => void;
}

export function useDraft<Draft extends object, Wrong extends Partial<Record<keyof Draft, unknown>>>(
  begin: () => Draft,
  nothingWrong: Wrong,
): DraftState<Draft, Wrong> {
  const [start] = useState(begin);
  const [draft, setDraft] = useState(start);
  const [wrong, setWrong] = useState(nothingWrong);
  const set = (change: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...change }));
    setWrong((before) => {
      const left = { ...before };
      for (const name of Object.keys(change)) delete left[name as keyof Draft];
      return left;
    });
  };
  return { start, draft, wrong, setWrong, set };
}
