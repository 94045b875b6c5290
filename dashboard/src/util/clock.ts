/** The dashboard's only reading of the wall clock, set to the server's by each heartbeat. */
import { useSyncExternalStore } from 'react';
import type { Millis } from '@muster/shared/time.ts';

let offsetMs = 0;

/** Now by the server's clock, so that ages are right on a browser whose own clock is wrong. */
export function nowMs(): Millis {
  return Date.now() + offsetMs;
}

/** Called with `serverTimeMs` the moment a heartbeat arrives. */
export function setServerTime(serverTimeMs: Millis): void {
  offsetMs = serverTimeMs - Date.now();
}

interface Ticker {
  readonly listeners: Set<() => void>;
  timer: number | undefined;
  atMs: Millis;
  /** The same function for ever: with a new one at each render React would start a slow tick anew before it comes. */
  readonly subscribe: (listener: () => void) => () => void;
}
const tickers = new Map<number, Ticker>();

/** Now, read again every `intervalMs`; all users of one interval tick together and none ticks in a hidden tab. */
export function useNow(intervalMs = 1_000): Millis {
  const ticker = tickerOf(intervalMs);
  return useSyncExternalStore(ticker.subscribe, () =>
    ticker.timer === undefined ? settle(ticker) : ticker.atMs,
  );
}

function tickerOf(intervalMs: number): Ticker {
  const ticker = tickers.get(intervalMs);
  if (ticker === undefined) {
    const made: Ticker = {
      listeners: new Set(),
      timer: undefined,
      atMs: nowMs(),
      subscribe: (listener) => listen(made, intervalMs, listener),
    };
    tickers.set(intervalMs, made);
    return made;
  }
  return ticker;
}

// Between two ticks the answer must not change, or React would render forever.
function settle(ticker: Ticker): Millis {
  const now = nowMs();
  if (Math.abs(now - ticker.atMs) > 250) ticker.atMs = now;
  return ticker.atMs;
}

function listen(ticker: Ticker, intervalMs: number, listener: () => void): () => void {
  ticker.listeners.add(listener);
  ticker.timer ??= window.setInterval(() => {
    if (document.hidden) return;
    ticker.atMs = nowMs();
    for (const each of ticker.listeners) each();
  }, intervalMs);
  return () => {
    ticker.listeners.delete(listener);
    if (ticker.listeners.size > 0) return;
    window.clearInterval(ticker.timer);
    ticker.timer = undefined;
  };
}
