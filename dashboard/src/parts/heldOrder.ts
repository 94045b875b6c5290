/** The order a reader sees stays while pointer or focus is in the list; a new question gives a new order. */
import { useMemo, useRef, useState } from 'react';

export interface HeldOrder<T> {
  readonly rows: readonly T[];
  /** Rows that stand where they would not stand by now. */
  readonly moved: number;
  readonly release: () => void;
  /** For the element around the list. */
  readonly listeners: {
    readonly onPointerEnter: () => void;
    readonly onPointerLeave: () => void;
    readonly onFocus: () => void;
    readonly onBlur: (event: React.FocusEvent) => void;
  };
}

/** `rows` in their right order; `question` is what they answer to. */
export function useHeldOrder<T>(
  rows: readonly T[],
  idOf: (row: T) => string,
  question: string,
): HeldOrder<T> {
  const [holding, setHolding] = useState(false);
  const before = useRef<{ question: string; ids: readonly string[] }>({ question, ids: [] });
  const { held, moved } = useMemo(
    () =>
      holding && before.current.question === question
        ? heldOrder(rows, idOf, before.current.ids)
        : { held: rows, moved: 0 },
    [rows, holding, question, idOf],
  );
  before.current = { question, ids: held.map(idOf) };
  return {
    rows: held,
    moved,
    release: () => setHolding(false),
    listeners: {
      onPointerEnter: () => setHolding(true),
      onPointerLeave: () => setHolding(false),
      onFocus: () => setHolding(true),
      onBlur: (event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setHolding(false);
      },
    },
  };
}

/** Rows that were there keep their places, new ones follow; `moved`: how many would have to leave their place. */
export function heldOrder<T>(
  rows: readonly T[],
  idOf: (row: T) => string,
  before: readonly string[],
): { held: T[]; moved: number } {
  const place = new Map(before.map((id, index) => [id, index]));
  const placeOf = (row: T) => place.get(idOf(row)) ?? before.length;
  const held = [...rows].sort((a, b) => placeOf(a) - placeOf(b));
  const right = new Map(rows.map((row, index) => [idOf(row), index]));
  return { held, moved: held.length - longestRise(held.map((row) => right.get(idOf(row)) ?? 0)) };
}

/** Length of the longest part that rises, steps left out: rows of it can stay while the others move around them. */
function longestRise(places: readonly number[]): number {
  /** By length less one, the lowest end of a part of that length. */
  const ends: number[] = [];
  for (const place of places) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? 0) < place) low = middle + 1;
      else high = middle;
    }
    ends[low] = place;
  }
  return ends.length;
}
