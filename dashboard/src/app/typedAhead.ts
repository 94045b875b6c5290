/** Keys that are pressed after the search box was asked for and before it has the focus. Nothing that is typed gets lost. */

/** The box is there within a moment; where it does not come, keys are the page's again. */
const WAIT_MS_MAX = 3_000;

export interface TypedAhead {
  readonly text: string;
  /** Enter was pressed behind the text. */
  readonly entered: boolean;
}

interface Catching extends TypedAhead {
  readonly sinceMs: number;
}
let catching: Catching | null = null;
let listener: (() => void) | null = null;

/** From now on keys are kept for the box; `atMs`: time stamp of the event that asked for it. */
export function catchKeys(atMs: number): void {
  if (catching === null) window.addEventListener('keydown', onKey, true);
  catching = { text: '', entered: false, sinceMs: atMs };
}

/** The box has the focus. */
export function takeKeys(): TypedAhead {
  const { text = '', entered = false } = catching ?? {};
  catching = null;
  window.removeEventListener('keydown', onKey, true);
  return { text, entered };
}

/** What was caught so far; `onMore` is called with each further key. */
export function watchKeys(onMore: () => void): () => void {
  listener = onMore;
  return () => {
    listener = null;
  };
}

export function caughtText(): string {
  return catching?.text ?? '';
}

function onKey(event: KeyboardEvent): void {
  if (catching === null) return;
  if (event.timeStamp - catching.sinceMs > WAIT_MS_MAX || event.key === 'Escape') {
    takeKeys();
    return;
  }
  const next = after(catching, event);
  if (next === null) return;
  event.preventDefault();
  event.stopPropagation();
  catching = { ...next, sinceMs: catching.sinceMs };
  listener?.();
}

/** null: the key is no part of a text. */
export function after(
  typed: TypedAhead,
  key: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'isComposing'>,
): TypedAhead | null {
  if (key.ctrlKey || key.metaKey || key.altKey || key.isComposing) return null;
  if (key.key === 'Enter') return { ...typed, entered: typed.text !== '' };
  if (key.key === 'Backspace') return { text: typed.text.slice(0, -1), entered: false };
  if (Array.from(key.key).length !== 1) return null;
  return { text: typed.text + key.key, entered: false };
}
