/** Gives way: what waits (requests, sockets, ticks) has its turn before long work goes on. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
