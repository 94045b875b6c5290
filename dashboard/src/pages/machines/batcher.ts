/** Many small questions asked at about the same time become one. Time is passed in, so that a test runs it. */

export interface BatcherOptions<T> {
  /** How long the first question of a batch waits for others. */
  readonly waitMs: number;
  readonly keysMax: number;
  /** Runs `action` after `delayMs` until cancelled. */
  readonly after: (delayMs: number, action: () => void) => () => void;
  readonly load: (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>;
}

export interface Batcher<T> {
  /** null where the answer does not have the key. A question given up before its batch is sent is not asked. */
  load(key: string, signal?: AbortSignal): Promise<T | null>;
}

interface Waiting<T> {
  readonly key: string;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (value: T | null) => void;
  readonly reject: (error: unknown) => void;
}

export function createBatcher<T>({ waitMs, keysMax, after, load }: BatcherOptions<T>): Batcher<T> {
  let waiting: Waiting<T>[] = [];

  function send(): void {
    const all = waiting;
    waiting = [];
    const wanted = all.filter(({ signal }) => !signal?.aborted);
    for (const { signal, reject } of all) if (signal?.aborted) reject(signal.reason);
    const keys = [...new Set(wanted.map(({ key }) => key))];
    for (let from = 0; from < keys.length; from += keysMax) {
      const some = keys.slice(from, from + keysMax);
      const theirs = wanted.filter(({ key }) => some.includes(key));
      load(some).then(
        (answer) => theirs.forEach(({ key, resolve }) => resolve(answer.get(key) ?? null)),
        (error: unknown) => theirs.forEach(({ reject }) => reject(error)),
      );
    }
  }

  return {
    load: (key, signal) =>
      new Promise<T | null>((resolve, reject) => {
        if (waiting.length === 0) after(waitMs, send);
        waiting.push({ key, signal, resolve, reject });
      }),
  };
}
