/** The window's title: the page, then the product; a number in front while incidents have nobody. */
import { useEffect, useSyncExternalStore } from 'react';

let page = '';
let unclaimed = 0;
const listeners = new Set<() => void>();

function show(): void {
  const name = page === '' ? 'Muster' : `${page} · Muster`;
  document.title = unclaimed > 0 ? `(${unclaimed}) ${name}` : name;
  for (const listener of listeners) listener();
}

export function usePageTitle(title: string | undefined): void {
  useEffect(() => {
    if (title === undefined) return;
    page = title;
    show();
  }, [title]);
}

export function useUnclaimedInTitle(count: number): void {
  useEffect(() => {
    unclaimed = count;
    show();
  }, [count]);
}

/** The title of the page now shown, for the bar at the top. */
export function useShownTitle(): string {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => page,
  );
}
