/** Runs the archive in a worker thread, so that compression and syncs do not hold up the event loop. */
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { invariant } from '@muster/shared/invariant.ts';
import type { Archive, ArchiveResult, FlushBatch, WindowJob } from './archive.ts';
import type { IndexState } from './index-db.ts';
import type { Partition } from './partitions.ts';

export type ArchiveCall =
  | { readonly verb: 'open' | 'tidy' | 'checkpoint' | 'close' }
  | { readonly verb: 'commit'; readonly batch: FlushBatch }
  | { readonly verb: 'settle' | 'rollUp'; readonly jobs: readonly WindowJob[] }
  | { readonly verb: 'drop'; readonly partition: Partition }
  | { readonly verb: 'remove'; readonly partitions: readonly Partition[] };

export interface ArchiveAnswer {
  readonly id: number;
  readonly result?: unknown;
  readonly failure?: { readonly code: string; readonly message: string };
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Of the heap of the thread: one call at a time leaves little behind, and the server's own 4 MiB would be kept for ever. */
const YOUNG_GENERATION = '--min-semi-space-size=1';

export function threadedArchive(folder: string): Archive {
  // Read when a heap is made: the server's own stays as it is, those of later threads are like this one (Node 26.10).
  // `resourceLimits` counts for less than a flag.
  setFlagsFromString(YOUNG_GENERATION);
  const worker = new Worker(new URL('./archive-worker.ts', import.meta.url), { workerData: folder });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let dead: Error | undefined;

  const die = (error: Error) => {
    dead = error;
    for (const caller of waiting.values()) caller.reject(error);
    waiting.clear();
  };
  worker.on('error', die);
  worker.on('exit', () => die(new Error('the thread of the metrics archive has ended')));
  worker.on('message', ({ id, result, failure }: ArchiveAnswer) => {
    const caller = waiting.get(id);
    invariant(caller !== undefined, `archive call ${id} is waited for`);
    waiting.delete(id);
    // Only a call under way keeps the process alive.
    if (waiting.size === 0) worker.unref();
    if (failure === undefined) caller.resolve(result);
    else caller.reject(Object.assign(new Error(failure.message), { code: failure.code }));
  });
  worker.unref();

  // The worker answers a verb with what ArchiveWriter returns for it.
  const call = <Result>(message: ArchiveCall): Promise<Result> =>
    new Promise((resolve, reject) => {
      if (dead !== undefined) {
        reject(dead);
        return;
      }
      lastId += 1;
      waiting.set(lastId, { resolve: (result) => resolve(result as Result), reject });
      worker.ref();
      worker.postMessage({ id: lastId, call: message });
    });

  return {
    open: () => call<IndexState>({ verb: 'open' }),
    commit: (batch) => call<ArchiveResult>({ verb: 'commit', batch }),
    settle: (jobs) => call<ArchiveResult>({ verb: 'settle', jobs }),
    rollUp: (jobs) => call<ArchiveResult>({ verb: 'rollUp', jobs }),
    remove: (partitions) => call<ArchiveResult>({ verb: 'remove', partitions }),
    drop: (partition) => call<ArchiveResult>({ verb: 'drop', partition }),
    tidy: () => call<void>({ verb: 'tidy' }),
    checkpoint: () => call<void>({ verb: 'checkpoint' }),
    async close() {
      await call<void>({ verb: 'close' });
      await worker.terminate();
    },
  };
}
