/** Requests to judge the record otherwise, decided by a second person; what is approved lies over the record as marks. */
import {
  RECLASSIFICATIONS_PENDING_MAX,
  RECLASSIFIED_DAYS_MAX,
} from '@muster/shared/api/reclassifications.ts';
import { DAY_MS, toIso } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import type { Marks } from './agreed.ts';
import type { AgreementStore, ReclassificationRecord } from './agreements-store.ts';
import { layered } from './marks.ts';
import type { Mark } from './marks.ts';
import type { PresenceInterval } from './timeline.ts';

export interface Reclassifications {
  readonly marks: Marks;
  /** The newest first. */
  all(): readonly ReclassificationRecord[];
  /** @throws AppError range-invalid, input-invalid */
  request(
    wish: Pick<ReclassificationRecord, 'ciId' | 'fromMs' | 'toMs' | 'as' | 'reason'>,
    by: string,
    nowMs: Millis,
  ): Promise<ReclassificationRecord>;
  /** @throws AppError not-found, transition-not-allowed, forbidden, input-invalid */
  decide(
    id: string,
    decision: { readonly approve: boolean; readonly note: string },
    by: string,
    nowMs: Millis,
  ): Promise<ReclassificationRecord>;
  /** @throws AppError not-found, transition-not-allowed, forbidden */
  withdraw(id: string, by: string, nowMs: Millis): Promise<ReclassificationRecord>;
  /** A request to take back one that is in force. @throws AppError not-found, transition-not-allowed */
  undo(id: string, reason: string, by: string, nowMs: Millis): Promise<ReclassificationRecord>;
}

interface ReclassificationDeps {
  readonly store: AgreementStore;
  readonly newId: (prefix: string, nowMs: Millis) => string;
}

export async function createReclassifications({
  store,
  newId,
}: ReclassificationDeps): Promise<Reclassifications> {
  const records = new Map<string, ReclassificationRecord>();
  const marks = new Map<string, readonly Mark[]>();
  const listeners: ((ciId: string) => void)[] = [];
  let writing: Promise<unknown> = Promise.resolve();
  for (const record of await store.reclassifications()) records.set(record.id, record);
  for (const ciId of new Set([...records.values()].map((one) => one.ciId))) mark(ciId);

  function mark(ciId: string): void {
    const approved = [...records.values()]
      .filter((one) => one.ciId === ciId && one.state === 'approved' && one.undoes === null)
      .sort((a, b) => (a.decidedAtMs ?? 0) - (b.decidedAtMs ?? 0) || (a.id < b.id ? -1 : 1));
    if (approved.length === 0) marks.delete(ciId);
    else marks.set(ciId, layered(approved.map(({ fromMs, toMs, as }) => ({ fromMs, toMs, as }))));
  }

  /** One change after the other, each on what the one before left. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = writing.then(work);
    // A failure belongs to who asked for it.
    writing = turn.catch(() => undefined);
    return turn;
  }

  async function put(...changed: readonly ReclassificationRecord[]): Promise<void> {
    await store.putReclassifications(changed);
    for (const record of changed) records.set(record.id, record);
    for (const ciId of new Set(changed.map((one) => one.ciId))) {
      mark(ciId);
      for (const listener of listeners) listener(ciId);
    }
  }

  function get(id: string): ReclassificationRecord {
    const record = records.get(id);
    if (!record) throw new AppError('not-found', `There is no request ${id}.`);
    return record;
  }

  function pending(id: string): ReclassificationRecord {
    const record = get(id);
    if (record.state !== 'pending')
      throw new AppError('transition-not-allowed', `The request is ${record.state} already.`);
    return record;
  }

  async function add(
    wish: Pick<ReclassificationRecord, 'ciId' | 'fromMs' | 'toMs' | 'as' | 'reason' | 'undoes'>,
    by: string,
    nowMs: Millis,
  ): Promise<ReclassificationRecord> {
    if (!by.startsWith('user:'))
      throw new AppError('forbidden', 'A person who is signed in asks for it; an API token is nobody.');
    const waiting = [...records.values()].filter(({ state }) => state === 'pending').length;
    if (waiting >= RECLASSIFICATIONS_PENDING_MAX)
      throw new AppError(
        'input-invalid',
        `${RECLASSIFICATIONS_PENDING_MAX} requests wait for a decision already.`,
      );
    const record: ReclassificationRecord = {
      ...wish,
      id: newId('rcl', nowMs),
      state: 'pending',
      requestedBy: by,
      requestedAtMs: nowMs,
      decidedBy: null,
      decidedAtMs: null,
      decisionNote: null,
    };
    await put(record);
    return record;
  }

  return {
    marks: {
      of: (ciId) => marks.get(ciId) ?? [],
      onChange: (listener) => void listeners.push(listener),
    },
    all: () => [...records.values()].sort((a, b) => (a.id < b.id ? 1 : -1)),
    request: (wish, by, nowMs) =>
      inTurn(() => {
        if (wish.fromMs >= wish.toMs)
          throw new AppError('range-invalid', `${toIso(wish.fromMs)} is not before ${toIso(wish.toMs)}.`);
        if (wish.toMs > nowMs) throw new AppError('range-invalid', 'Only the past is judged.');
        if (wish.toMs - wish.fromMs > RECLASSIFIED_DAYS_MAX * DAY_MS)
          throw new AppError('range-invalid', `${RECLASSIFIED_DAYS_MAX} days are the most.`);
        return add({ ...wish, undoes: null }, by, nowMs);
      }),
    decide: (id, { approve, note }, by, nowMs) =>
      inTurn(async () => {
        const record = pending(id);
        if (!by.startsWith('user:'))
          throw new AppError('forbidden', 'A person who is signed in decides; an API token is nobody.');
        if (record.requestedBy === by)
          throw new AppError('forbidden', 'You asked for it yourself: somebody else decides.');
        if (!approve && note === '')
          throw new AppError('input-invalid', 'A refusal says why, for the one who asked.');
        const decided: ReclassificationRecord = {
          ...record,
          state: approve ? 'approved' : 'refused',
          decidedBy: by,
          decidedAtMs: nowMs,
          decisionNote: note,
        };
        const undone = approve && record.undoes !== null ? get(record.undoes) : null;
        if (undone && undone.state !== 'approved')
          throw new AppError('transition-not-allowed', `What it takes back is ${undone.state} already.`);
        await put(decided, ...(undone ? [{ ...undone, state: 'undone' as const }] : []));
        return decided;
      }),
    withdraw: (id, by, nowMs) =>
      inTurn(async () => {
        const record = pending(id);
        if (record.requestedBy !== by)
          throw new AppError('forbidden', 'Only who asked for it withdraws it; you may refuse it.');
        const withdrawn: ReclassificationRecord = { ...record, state: 'withdrawn', decidedAtMs: nowMs };
        await put(withdrawn);
        return withdrawn;
      }),
    undo: (id, reason, by, nowMs) =>
      inTurn(() => {
        const { ciId, fromMs, toMs, as, state, undoes } = get(id);
        if (state !== 'approved' || undoes !== null)
          throw new AppError('transition-not-allowed', 'Only what is in force is taken back.');
        const waiting = [...records.values()].some((one) => one.undoes === id && one.state === 'pending');
        if (waiting) throw new AppError('transition-not-allowed', 'That is asked for already.');
        return add({ ciId, fromMs, toMs, as, reason, undoes: id }, by, nowMs);
      }),
  };
}

/** Whether somebody may decide it: a person, and not the one who asked. */
export function mayDecide({ state, requestedBy }: ReclassificationRecord, by: string): boolean {
  return state === 'pending' && by.startsWith('user:') && requestedBy !== by;
}

/** When the record under a request was last corrected after it was asked for: who decides judges something else then. */
export function correctedSince(
  intervals: readonly Pick<PresenceInterval, 'revisedAtMs'>[],
  { requestedAtMs }: Pick<ReclassificationRecord, 'requestedAtMs'>,
): Millis | null {
  const times = intervals.flatMap(({ revisedAtMs }) =>
    revisedAtMs != null && revisedAtMs > requestedAtMs ? [revisedAtMs] : [],
  );
  return times.length === 0 ? null : Math.max(...times);
}
