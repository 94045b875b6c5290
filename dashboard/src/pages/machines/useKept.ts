/** What is shown while the next is read. */
import { useRef } from 'react';

/** `value` where it is `whole`; until then the last whole one of the same `key`, if there was one. */
export function useKept<T>(value: T, whole: boolean, key: string): T {
  const kept = useRef<{ readonly key: string; readonly value: T } | null>(null);
  if (whole) kept.current = { key, value };
  return kept.current?.key === key ? kept.current.value : value;
}
