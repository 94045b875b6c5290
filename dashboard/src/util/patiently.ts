/**
 * Reads a part of the dashboard however long the server is away. A part that the server no longer has belongs to an
 * older build than the one now served: then the page is read anew, once.
 */
import { nowMs } from './clock.ts';

const RETRY_MS_BASE = 1_000;
const RETRY_MS_MAX = 10_000;
/** A page reloads itself at most once in this time. */
const RELOAD_MS_MIN = 60_000;
const RELOADED_KEY = 'muster.reloaded';

export interface PartHost {
  /** Whether the server answers at all. */
  serverAnswers(): Promise<boolean>;
  /** False where the page was read anew a moment ago and that did not help. */
  reload(): boolean;
  wait(delayMs: number): Promise<void>;
}

/** `load`, again and again while nothing answers. @throws what `load` throws where reading the page anew did not help. */
export function patiently<T>(load: () => Promise<T>, host: PartHost = browser): () => Promise<T> {
  return async () => {
    for (let delayMs = RETRY_MS_BASE; ; delayMs = Math.min(RETRY_MS_MAX, delayMs * 2)) {
      try {
        return await load();
      } catch (error) {
        if (await host.serverAnswers()) {
          // A first failure may be of the moment in which the server went or came.
          const again = await load().then(
            (value) => ({ value }),
            () => null,
          );
          if (again !== null) return again.value;
          if (!host.reload()) throw error;
        }
      }
      await host.wait(delayMs);
    }
  };
}

const browser: PartHost = {
  serverAnswers: () =>
    fetch('/healthz', { cache: 'no-store' }).then(
      () => true,
      () => false,
    ),
  reload() {
    const now = nowMs();
    if (now - Number(sessionStorage.getItem(RELOADED_KEY) ?? 0) < RELOAD_MS_MIN) return false;
    sessionStorage.setItem(RELOADED_KEY, String(now));
    window.location.reload();
    return true;
  },
  wait: (delayMs) => new Promise((resolve) => void window.setTimeout(resolve, delayMs)),
};
