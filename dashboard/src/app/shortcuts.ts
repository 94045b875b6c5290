/** Keys that work anywhere: `g` and a letter, `/`, `?`, `[`, Ctrl K. Single letters never fire in a field. */
import { useEffect, useRef } from 'react';
import { usePreference } from './preferences.ts';

/** Keys that begin a sequence; any other letter stands alone, so that X and J in a row are two actions. */
const FIRST_KEYS: ReadonlySet<string> = new Set(['g']);
/** The second key of a sequence must follow within this time. */
const SEQUENCE_MS = 1_200;

export type Shortcuts = Readonly<Record<string, () => void>>;

/** `shortcuts` by key or sequence: `'?'`, `'g o'`. Ctrl K is told by `'ctrl k'`. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const off = usePreference('shortcuts') === 'off';
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    let first: { key: string; atMs: number } | null = null;
    const onKey = (event: KeyboardEvent) => {
      const name = shortcutOf(
        event,
        first !== null && event.timeStamp - first.atMs < SEQUENCE_MS ? first.key : null,
        off,
      );
      if (name === null) return;
      const action = latest.current[name];
      if (action) {
        first = null;
        event.preventDefault();
        action();
      } else {
        first = FIRST_KEYS.has(name) ? { key: name, atMs: event.timeStamp } : null;
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [off]);
}

function shortcutOf(event: KeyboardEvent, first: string | null, off: boolean): string | null {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') return 'ctrl k';
  if (off || event.ctrlKey || event.metaKey || event.altKey || inField(event.target)) return null;
  // A notice at the edge is a dialog too, but takes no keys.
  if (document.querySelector('[role=dialog]:not([aria-modal=false]),[role=menu]')) return null;
  return first === null ? event.key : `${first} ${event.key}`;
}

function inField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input:not([type=checkbox]),textarea,select'))
  );
}
