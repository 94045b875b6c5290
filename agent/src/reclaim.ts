/**
 * Gives back what only the start needed. Two thirds of a Node process are pages of its own program file that ran once; the kernel keeps
 * them mapped as long as nobody else wants the memory. Dropping them costs nothing but to map again those that are used after all.
 * madvise(2), MADV_DONTNEED: pages of a private mapping are read again from its file, so only mappings are dropped that hold nothing
 * else, which proc(5), /proc/PID/smaps tells. malloc_trim(3) gives back what the C library holds for nobody. Before both, V8 collects its
 * garbage: it would wait with that until its heap has doubled, which takes an agent days.
 */
import type { dlopen } from 'node:ffi';
import { closeSync, readFileSync } from 'node:fs';
import { HOUR_MS, type Millis, MINUTE_MS } from '@muster/shared/time.ts';
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

const libcFunctions = {
  madvise: { return: 'int32', arguments: ['uint64', 'uint64', 'int32'] },
  malloc_trim: { return: 'int32', arguments: ['uint64'] },
  syscall: { return: 'int64', arguments: ['int64', 'int64'] },
  ioctl: { return: 'int32', arguments: ['int32', 'uint64', 'pointer'] },
} as const;
type Libc = ReturnType<typeof dlopen<typeof libcFunctions>>['functions'];

/**
 * Linux with glibc; what it gives back is called once and again in the same process.
 * @throws Error where this Node cannot call the system itself, or the C library is another
 */
export function reclaimer(): () => Promise<void> {
  let pageByPage: PageByPage | null = null;
  return async () => {
    collectGarbage();
    const { dlopen } = await import('node:ffi');
    using library = dlopen('libc.so.6', libcFunctions);
    const libc = library.functions;
    pageByPage ??= openPageByPage(libc);
    libc.malloc_trim(0n);
    for (const { startAddress, bytes } of cleanFileMappings(readFileSync('/proc/self/smaps', 'utf8'))) {
      pageByPage?.(libc, startAddress, bytes);
      libc.madvise(startAddress, bytes, MADV_DONTNEED);
    }
  };
}

type PageByPage = (libc: Libc, startAddress: bigint, bytes: bigint) => void;

/** The number of userfaultfd(2), by `process.arch`. */
const SYS_USERFAULTFD: Readonly<Record<string, bigint>> = { x64: 323n, arm64: 282n };
const O_CLOEXEC = 0o2000000n;
/** Faults of the kernel itself are never handed over: for that no right is needed. */
const UFFD_USER_MODE_ONLY = 1n;
const UFFD_API = 0xaan;
const UFFDIO_API = 0xc018aa3fn;
const UFFDIO_REGISTER = 0xc020aa00n;
const UFFD_FEATURE_WP_ASYNC = 1n << 15n;
const UFFDIO_REGISTER_MODE_WP = 2n;

/**
 * From now on a page of these mappings that is used comes alone, not with the 64 KiB around it, of which a tick uses four pages: a
 * quarter of what is dropped would otherwise be back with the next one. userfaultfd(2) with asynchronous write protection (Linux 6.7, any
 * kind of mapping) has that effect, and no other here: nothing is write-protected, no fault is handed to anybody, nothing can wait for an
 * answer. null: this kernel cannot, or may not, and the agent is as good, and larger. It holds as long as the descriptor is open.
 */
function openPageByPage(libc: Libc): PageByPage | null {
  const number = SYS_USERFAULTFD[process.arch];
  if (number === undefined) return null;
  const fd = Number(libc.syscall(number, O_CLOEXEC | UFFD_USER_MODE_ONLY));
  if (fd < 0) return null;
  if (libc.ioctl(fd, UFFDIO_API, new BigUint64Array([UFFD_API, UFFD_FEATURE_WP_ASYNC, 0n])) !== 0) {
    closeSync(fd);
    return null;
  }
  return ({ ioctl }, startAddress, bytes) => {
    ioctl(fd, UFFDIO_REGISTER, new BigUint64Array([startAddress, bytes, UFFDIO_REGISTER_MODE_WP, 0n]));
  };
}

/** What may be added to the memory of its own before some is given back between two reclaims, and how often that is looked at. */
export const GROWTH_BYTES_MAX = 512 << 10;
export const GROWTH_LOOK_MS: Millis = 5 * MINUTE_MS;

export interface Reclaiming {
  /** All that can be given back. */
  readonly reclaim: () => Promise<void>;
  /** Memory that is of no file: the heap, and what the C library holds. */
  readonly anonymousBytes: () => number;
  /** Garbage, and what the C library holds for nobody, in some 20 ms. */
  readonly collect: () => Promise<void>;
}

export const ofThisProcess = (): Reclaiming => ({
  reclaim: reclaimer(),
  anonymousBytes,
  collect: async () => {
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    const { dlopen } = await import('node:ffi');
    using library = dlopen('libc.so.6', libcFunctions);
    library.functions.malloc_trim(0n);
  },
});

/** proc(5), /proc/PID/status: RssAnon. */
export function anonymousBytes(): number {
  const [, kib = '0'] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kib) * 1_024;
}

/**
 * Once after the start and then each hour; of its own memory besides whenever that has grown. What outlived two collections of young objects
 * and died then stays until V8 sees its heap doubled, 1 MiB in a quarter of an hour on a busy machine; and an inventory, or the readings before
 * an incident, leave 3 MiB with the C library. Where giving back fails the agent is as good, and larger; said once.
 */
export function keepReclaiming(
  timers: Timers,
  log: (line: string) => void,
  { reclaim, anonymousBytes, collect }: Reclaiming = ofThisProcess(),
): void {
  let smallestBytes = Number.POSITIVE_INFINITY;
  let hasFailed = false;
  /** What cannot be done once is not tried again; the other goes on. */
  const attempt = async (step: () => Promise<void>, next: () => void) => {
    try {
      await step();
    } catch (error) {
      if (!hasFailed)
        log(`memory is not given back: ${error instanceof Error ? error.message : String(error)}`);
      hasFailed = true;
      return;
    }
    next();
  };
  const look = () =>
    void attempt(
      async () => {
        if (anonymousBytes() - smallestBytes <= GROWTH_BYTES_MAX) return;
        await collect();
        smallestBytes = anonymousBytes();
      },
      () => timers.after(GROWTH_LOOK_MS, look),
    );
  const after = (delayMs: Millis, isFirst: boolean) =>
    timers.after(
      delayMs,
      () =>
        void attempt(
          async () => {
            await reclaim();
            smallestBytes = anonymousBytes();
          },
          () => {
            if (isFirst) timers.after(GROWTH_LOOK_MS, look);
            after(HOUR_MS, false);
          },
        ),
    );
  after(FIRST_RECLAIM_MS, true);
}
