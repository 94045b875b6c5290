/** Loaded before a program of a test: its time, its monotonic time and its intervals follow the clock file of the test. */
import { isMainThread } from 'node:worker_threads';
import { PacedClock, readClockFile } from './paced-clock.ts';

const file = process.env.E2E_CLOCK_FILE;
if (file) followClock(file);

function followClock(path: string): void {
  const clock = new PacedClock(readClockFile(path));
  const startedMs = clock.now();
  Date.now = () => clock.now();
  performance.now = () => clock.now() - startedMs;
  const handles = new Map<object, () => void>();
  const { clearInterval: clearReal } = globalThis;
  globalThis.setInterval = ((run: () => void, intervalMs: number) => {
    const handle = { ref: () => handle, unref: () => handle };
    handles.set(handle, clock.every(intervalMs, run));
    return handle;
  }) as typeof setInterval;
  globalThis.clearInterval = (handle) => {
    const cancel = typeof handle === 'object' ? handles.get(handle) : undefined;
    if (cancel === undefined) clearReal(handle);
    else cancel();
  };
  if (isMainThread) process.on('SIGUSR2', () => clock.follow(readClockFile(path)));
}
