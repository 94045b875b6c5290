/** Whether the page is being put on paper: then rows that are drawn only when seen are drawn all. */
import { flushSync } from 'react-dom';
import { useSyncExternalStore } from 'react';

let printing = false;
const listeners = new Set<() => void>();

function set(next: boolean): void {
  printing = next;
  // The browser takes its picture right after the event; a render later would come too late.
  flushSync(() => {
    for (const listener of listeners) listener();
  });
}

window.addEventListener('beforeprint', () => set(true));
window.addEventListener('afterprint', () => set(false));

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePrinting(): boolean {
  return useSyncExternalStore(subscribe, () => printing);
}
