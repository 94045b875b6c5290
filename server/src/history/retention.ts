/** Deletes what is older than it is to be kept, in small steps between other work. */
import { RETENTION_KINDS, type Retention, type RetentionKind } from '@muster/shared/api/history.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis, toIso } from '@muster/shared/time.ts';
import type { RecordAudit } from '../access/audit.ts';
import type { HistoryStore, RetentionYears } from './store.ts';

const YEAR_MS = 365.25 * DAY_MS;
/** Rows of one step: some milliseconds in which nobody else is served. */
const STEP_ROWS = 1_000;
/** Between two passes over everything that is too old. */
const PASS_EVERY_MS = HOUR_MS;
/** Counting reads every row; what was counted is good for so long. */
const SIZES_AGE_MS_MAX = 10 * MINUTE_MS;

export interface RetentionKeeper {
  read(nowMs: Millis): Promise<Retention>;
  set(years: RetentionYears, nowMs: Millis): Promise<Retention>;
  /** One step at most. */
  tick(nowMs: Millis): Promise<void>;
}

export function createRetention({
  store,
  recordAudit,
}: {
  store: HistoryStore;
  recordAudit: RecordAudit;
}): RetentionKeeper {
  let dueMs: Millis = 0;
  let sizes: { atMs: Millis; of: Awaited<ReturnType<HistoryStore['sizes']>> } | null = null;
  let pass: { kind: RetentionKind; beforeMs: Millis; deleted: number }[] = [];

  async function begin(nowMs: Millis): Promise<void> {
    dueMs = nowMs + PASS_EVERY_MS;
    const years = await store.retention();
    pass = RETENTION_KINDS.flatMap((kind) => {
      const keep = years[kind];
      return keep === null ? [] : [{ kind, beforeMs: nowMs - keep * YEAR_MS, deleted: 0 }];
    });
  }

  async function step(): Promise<void> {
    const [current] = pass;
    if (current === undefined) return;
    // First it is said that it is not kept, then it goes: a state that is half deleted is never shown.
    if (current.deleted === 0) await promise(current.kind, current.beforeMs);
    const deleted = await store.deleteBefore(current.kind, current.beforeMs, STEP_ROWS);
    current.deleted += deleted;
    if (deleted >= STEP_ROWS) return;
    pass.shift();
    if (current.deleted === 0) return;
    sizes = null;
    await recordAudit({
      actor: 'system',
      action: 'history.deleted',
      subject: current.kind,
      detail: { rows: current.deleted, before: toIso(current.beforeMs) },
    });
  }

  async function promise(kind: RetentionKind, beforeMs: Millis): Promise<void> {
    const since = (await store.keptSince())[kind];
    if (since === null || since < beforeMs) await store.setKeptSince(kind, Math.round(beforeMs));
  }

  async function read(nowMs: Millis): Promise<Retention> {
    if (sizes === null || nowMs - sizes.atMs > SIZES_AGE_MS_MAX)
      sizes = { atMs: nowMs, of: await store.sizes() };
    const [years, since] = [await store.retention(), await store.keptSince()];
    const { of } = sizes;
    return {
      items: RETENTION_KINDS.map((kind) => {
        const keptSinceMs = since[kind];
        return {
          kind,
          years: years[kind],
          ...of[kind],
          keptSince: keptSinceMs === null ? null : toIso(keptSinceMs),
        };
      }),
    };
  }

  return {
    read,
    async set(years, nowMs) {
      await store.setRetention(years);
      dueMs = 0;
      return read(nowMs);
    },
    async tick(nowMs) {
      if (pass.length > 0) await step();
      else if (nowMs >= dueMs) await begin(nowMs);
    },
  };
}
