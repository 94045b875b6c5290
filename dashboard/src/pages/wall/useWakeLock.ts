/** Keeps the screen on while the board is shown, where the browser can. */
import { useEffect } from 'react';

export function useWakeLock(): void {
  useEffect(() => {
    if (!('wakeLock' in navigator)) return;
    let lock: WakeLockSentinel | null = null;
    const ask = async () => {
      if (document.hidden) return;
      try {
        lock = await navigator.wakeLock.request('screen');
      } catch {
        lock = null; // A battery that runs low, or a page without the right: the board works all the same.
      }
    };
    const onShow = () => void ask();
    void ask();
    // The browser takes it back whenever the page is hidden.
    document.addEventListener('visibilitychange', onShow);
    return () => {
      document.removeEventListener('visibilitychange', onShow);
      void lock?.release();
    };
  }, []);
}
