/** The off-site twin at work: made at its hour or when asked, one at a time; what became of the last is kept in the data directory. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { TwinSettings, type TwinState } from '@muster/shared/api/twin.ts';
import { DAY_MS, HOUR_MS, type Millis, toIso } from '@muster/shared/time.ts';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { makeTwin, type TwinSources } from './bundle.ts';
import { fingerprint } from './sign.ts';

const Kept = z.object({
  settings: TwinSettings,
  sinceMs: z.number(),
  last: z.object({ atMs: z.number(), path: z.string(), bytes: z.number(), tookMs: z.number() }).nullable(),
  error: z.object({ atMs: z.number(), message: z.string() }).nullable(),
});
type Kept = z.infer<typeof Kept>;

/** After a failure it is tried again this much later. */
const AGAIN_MS = HOUR_MS;

export interface Twin {
  state(nowMs: Millis): TwinState;
  /** @throws AppError input-invalid */
  set(settings: TwinSettings, nowMs: Millis): TwinState;
  /** Begins; the promise resolves when it has ended, well or not. @throws AppError busy, input-invalid */
  start(nowMs: Millis): Promise<void>;
  tick(nowMs: Millis): void;
  settled(): Promise<void>;
}

export function createTwin({
  file,
  key,
  sources,
  monotonicMs,
  report,
}: {
  readonly file: string;
  readonly key: KeyObject;
  readonly sources: TwinSources;
  readonly monotonicMs: () => Millis;
  readonly report: (what: string, error: unknown) => void;
}): Twin {
  let kept: Kept = existsSync(file)
    ? Kept.parse(JSON.parse(readFileSync(file, 'utf8')))
    : { settings: { enabled: false, folder: '', hour: 2, keep: 7 }, sinceMs: 0, last: null, error: null };
  let running: { done: number; total: number } | null = null;
  let work: Promise<void> = Promise.resolve();
  const print = fingerprint(createPublicKey(key));

  function keep(next: Kept): void {
    kept = next;
    writeFileSync(`${file}.new`, JSON.stringify(next), { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
  }

  /** The first hour of the settings after this time. */
  function hourAfter(atMs: Millis): Millis {
    const today = Math.floor(atMs / DAY_MS) * DAY_MS + kept.settings.hour * HOUR_MS;
    return today > atMs ? today : today + DAY_MS;
  }

  function nextMs(): Millis | null {
    if (!kept.settings.enabled) return null;
    const due = hourAfter(kept.last?.atMs ?? kept.sinceMs);
    return kept.error !== null && kept.error.atMs >= due ? kept.error.atMs + AGAIN_MS : due;
  }

  async function run(nowMs: Millis): Promise<void> {
    const { folder, keep: count } = kept.settings;
    const startedMs = monotonicMs();
    try {
      const made = await makeTwin(sources, { folder, keep: count, key }, nowMs, (done, total) => {
        running = { done, total };
      });
      keep({
        ...kept,
        last: { atMs: nowMs, path: made.path, bytes: made.bytes, tookMs: monotonicMs() - startedMs },
        error: null,
      });
    } catch (error) {
      keep({ ...kept, error: { atMs: nowMs, message: reason(error, folder) } });
    } finally {
      running = null;
    }
  }

  function begin(nowMs: Millis): Promise<void> {
    running = { done: 0, total: 0 };
    // Only what became of it could not be kept.
    work = run(nowMs).catch((error: unknown) => report('the state of the twin could not be kept', error));
    return work;
  }

  function state(nowMs: Millis): TwinState {
    const { settings, last, error } = kept;
    const next = nextMs();
    return {
      settings,
      running,
      lastSuccessAt: last && toIso(last.atMs),
      lastPath: last && last.path,
      lastBytes: last && last.bytes,
      lastTookMs: last && last.tookMs,
      lastError: error && { at: toIso(error.atMs), message: error.message },
      nextAt: next === null ? null : toIso(next),
      overdue: settings.enabled && nowMs - (last?.atMs ?? kept.sinceMs) > 2 * DAY_MS,
      keyFingerprint: print,
    };
  }

  return {
    state,
    set(settings, nowMs) {
      if (settings.enabled && !isAbsolute(settings.folder))
        throw new AppError(
          'input-invalid',
          `The folder ${settings.folder || '(none)'} is no absolute path of the server.`,
        );
      const sinceMs = kept.settings.enabled ? kept.sinceMs : nowMs;
      keep({ ...kept, settings, sinceMs });
      return state(nowMs);
    },
    start(nowMs) {
      if (running !== null) throw new AppError('busy', 'A twin is being made at this moment.');
      if (!isAbsolute(kept.settings.folder))
        throw new AppError('input-invalid', 'No folder is set for the twin.');
      return begin(nowMs);
    },
    tick(nowMs) {
      const next = nextMs();
      if (running === null && next !== null && nowMs >= next) void begin(nowMs);
    },
    settled: () => work,
  };
}

function reason(error: unknown, folder: string): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return `The disk of ${folder} is full. Free space there or keep fewer copies.`;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return `The server may not write to ${folder}. Give its user the right to.`;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return `The folder ${folder} is not there. Is the share mounted?`;
  return error instanceof Error ? error.message : String(error);
}
