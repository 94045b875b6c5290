/**
 * Gives back what only the start needed. Two thirds of a Node process are pages of its own program file that ran once; the kernel keeps
 * them mapped as long as nobody else wants the memory. Dropping them costs nothing but to map again those that are used after all.
 * madvise(2), MADV_DONTNEED: pages of a private mapping are read again from its file, so only mappings are dropped that hold nothing
 * else, which proc(5), /proc/PID/smaps tells. malloc_trim(3) gives back what the C library holds for nobody. Before both, V8 collects its
 * garbage: it would wait with that until its heap has doubled, which takes an agent days.
 */
import { readFileSync } from 'node:fs';
import { type Millis, HOUR_MS } from '@muster/shared/time.ts';
import type { Timers } from './timers.ts';

const MADV_DONTNEED = 4;
/** A mapping with less of it in memory is not worth a call. */
const RESIDENT_KIB_MIN = 256;
/** After connection, first ticks and inventory. */
export const FIRST_RECLAIM_MS: Millis = 30_000;

export interface FileMapping {
  readonly startAddress: bigint;
  readonly bytes: bigint;
}

/** Mappings of files that can be dropped without losing anything, from the text of /proc/PID/smaps. */
export function cleanFileMappings(smaps: string): FileMapping[] {
  return smaps.split(/\n(?=[0-9a-f]+-[0-9a-f]+ )/).flatMap((block) => {
    const [, start = '', end = ''] =
      /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ [1-9]\d* +\//.exec(block) ?? [];
    if (start === '') return [];
    const kib = (name: string) =>
      Number(new RegExp(`^${name}: +(\\d+) kB`, 'm').exec(block)?.[1] ?? Number.NaN);
    const isClean = ['Anonymous', 'Swap', 'Private_Dirty', 'Shared_Dirty', 'Locked'].every(
      (name) => kib(name) === 0,
    );
    if (!isClean || kib('Rss') < RESIDENT_KIB_MIN) return [];
    const startAddress = BigInt(`0x${start}`);
    return [{ startAddress, bytes: BigInt(`0x${end}`) - startAddress }];
  });
}

/** V8 drops the code of functions that did not run between so many collections, `bytecode_old_age` by default. */
const COLLECTIONS = 7;

/** Absent without the flag `--expose-gc`, which the service gives. */
function collectGarbage(): void {
  for (let i = 0; i < COLLECTIONS; i++)
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

/** Linux with glibc. @throws Error where this Node cannot call the system itself, or the C library is another */
export async function reclaim(): Promise<void> {
  collectGarbage();
  const { dlopen } = await import('node:ffi');
  using libc = dlopen('libc.so.6', {
    madvise: { return: 'int32', arguments: ['uint64', 'uint64', 'int32'] },
    malloc_trim: { return: 'int32', arguments: ['uint64'] },
  });
  const { madvise, malloc_trim: mallocTrim } = libc.functions;
  mallocTrim(0n);
  for (const { startAddress, bytes } of cleanFileMappings(readFileSync('/proc/self/smaps', 'utf8')))
    madvise(startAddress, bytes, MADV_DONTNEED);
}

/** Once after the start and then each hour. Where it fails the agent is as good, and larger; said once. */
export function keepReclaiming(timers: Timers, log: (line: string) => void, run = reclaim): void {
  const after = (delayMs: Millis) =>
    timers.after(delayMs, () => {
      run().then(
        () => after(HOUR_MS),
        (error: unknown) =>
          log(
            `memory of the start is not given back: ${error instanceof Error ? error.message : String(error)}`,
          ),
      );
    });
  after(FIRST_RECLAIM_MS);
}
