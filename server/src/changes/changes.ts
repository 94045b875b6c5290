/** Change records at work: requested, decided by somebody else, in force within their window. */
import { CHANGE_TRANSITIONS, type ChangeState } from '@muster/shared/api/changes.ts';
import type { Millis } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import type { ChangeRecord, ChangeStore } from './store.ts';

export type ChangeFields = Pick<
  ChangeRecord,
  'title' | 'description' | 'kinds' | 'ciIds' | 'tags' | 'startsAtMs' | 'endsAtMs'
>;

export interface Changes {
  /** @throws AppError input-invalid (an empty window, no CIs and no tags) */
  request(fields: ChangeFields, actor: string, nowMs: Millis): Promise<ChangeRecord>;
  /** @throws AppError not-found, transition-not-allowed (it is decided), forbidden (somebody else requested it), input-invalid */
  correct(id: string, fields: Partial<ChangeFields>, actor: string): Promise<ChangeRecord>;
  /** @throws AppError not-found, transition-not-allowed, forbidden (`mayDecide` says no) */
  move(id: string, to: ChangeState, note: string | null, actor: string, nowMs: Millis): Promise<ChangeRecord>;
}

interface ChangesOptions {
  readonly store: ChangeStore;
  readonly newId: (prefix: string, nowMs: Millis) => string;
}

export function createChanges({ store, newId }: ChangesOptions): Changes {
  // Two requests at once would get one number.
  let queue: Promise<unknown> = Promise.resolve();
  function inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = queue.then(work, work);
    queue = done.catch(() => undefined);
    return done;
  }

  async function requireChange(id: string): Promise<ChangeRecord> {
    const change = await store.change(id);
    if (!change) throw new AppError('not-found', `There is no change ${id}.`);
    return change;
  }

  async function save(change: ChangeRecord): Promise<ChangeRecord> {
    requireSense(change);
    await store.put(change);
    return change;
  }

  return {
    request: (fields, actor, nowMs) =>
      inOrder(async () =>
        save({
          ...fields,
          id: newId('chg', nowMs),
          ref: `CHG-${String((await store.highestNumber()) + 1).padStart(4, '0')}`,
          state: 'requested',
          requestedBy: actor,
          requestedAtMs: nowMs,
          decidedBy: null,
          decidedAtMs: null,
          note: null,
        }),
      ),
    correct: (id, fields, actor) =>
      inOrder(async () => {
        const before = await requireChange(id);
        if (before.state !== 'requested')
          throw new AppError(
            'transition-not-allowed',
            `${before.ref} is ${before.state}: what was decided on is not changed. Request another change.`,
          );
        // Who could correct it and then approve it would approve what they wrote themselves.
        if (before.requestedBy !== actor)
          throw new AppError(
            'forbidden',
            `${before.ref} was requested by somebody else, who alone corrects it.`,
          );
        return save({ ...before, ...fields });
      }),
    move: (id, to, note, actor, nowMs) =>
      inOrder(async () => {
        const before = await requireChange(id);
        const possible: readonly ChangeState[] = CHANGE_TRANSITIONS[before.state];
        if (!possible.includes(to))
          throw new AppError(
            'transition-not-allowed',
            `${before.ref} is ${before.state} and cannot become ${to}; it can become: ${possible.join(', ') || 'nothing else'}.`,
          );
        const decides = to === 'approved' || to === 'rejected';
        if (decides && before.requestedBy === actor)
          throw new AppError(
            'forbidden',
            `${before.ref} was requested by you: somebody else approves or rejects it.`,
          );
        if (decides && !isPerson(actor))
          throw new AppError(
            'forbidden',
            `A person who is signed in approves or rejects ${before.ref}; an API token is nobody.`,
          );
        return save({
          ...before,
          state: to,
          note: note ?? before.note,
          ...(decides ? { decidedBy: actor, decidedAtMs: nowMs } : {}),
        });
      }),
  };
}

/** Whether it may be approved or rejected by them: a person, and not the one who requested it. */
export function mayDecide({ state, requestedBy }: ChangeRecord, actor: string): boolean {
  return state === 'requested' && requestedBy !== actor && isPerson(actor);
}

function isPerson(actor: string): boolean {
  return actor.startsWith('user:');
}

/** @throws AppError input-invalid */
function requireSense({ ref, startsAtMs, endsAtMs, ciIds, tags }: ChangeRecord): void {
  if (endsAtMs <= startsAtMs)
    throw new AppError('input-invalid', `The window of ${ref} ends before it begins.`);
  if (ciIds.length + tags.length === 0)
    throw new AppError('input-invalid', `${ref} names no configuration item and no tag.`);
}
