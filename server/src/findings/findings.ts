/** The queue of findings: one for each matter, counted while it lasts, closed by people or by its cause going away. */
import type { FindingState } from '@muster/shared/api/findings.ts';
import type { Millis } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import type { Findings } from './finding.ts';
import type { FindingRecord, FindingStore } from './store.ts';

const OPEN_PER_READ = 500;

export interface Decision {
  readonly state: FindingState;
  readonly note: string | null;
  readonly changeId: string | null;
}

export interface FindingsQueue extends Findings {
  /** @throws AppError not-found */
  decide(id: string, decision: Decision, actor: string, nowMs: Millis): Promise<FindingRecord>;
  /** The number of the incident that was opened for it. */
  tie(id: string, incidentRef: string): Promise<void>;
  /** Called after a finding was opened, counted or closed. */
  onChange(listener: (finding: FindingRecord) => void): void;
}

interface FindingsOptions {
  readonly store: FindingStore;
  readonly newId: (prefix: string, nowMs: Millis) => string;
}

export function createFindings({ store, newId }: FindingsOptions): FindingsQueue {
  const listeners: ((finding: FindingRecord) => void)[] = [];
  // Two reports at once could both find no open matter and open it twice.
  let queue: Promise<unknown> = Promise.resolve();
  function inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = queue.then(work, work);
    queue = done.catch(() => undefined);
    return done;
  }

  async function save(finding: FindingRecord): Promise<FindingRecord> {
    await store.put(finding);
    for (const listener of listeners) listener(finding);
    return finding;
  }

  async function requireFinding(id: string): Promise<FindingRecord> {
    const finding = await store.finding(id);
    if (!finding) throw new AppError('not-found', `There is no finding ${id}.`);
    return finding;
  }

  return {
    raise: (news, nowMs) =>
      inOrder(async () => {
        const known = await store.latest(news.kind, news.key);
        // What a person accepted or dismissed is not asked again; what was resolved and comes back is.
        if (known && known.state !== 'resolved') {
          const { title, evidence } = known.state === 'open' ? news : known;
          await save({ ...known, title, evidence, count: known.count + 1, lastAtMs: nowMs });
          return known.id;
        }
        const finding = await save({
          ...news,
          id: newId('fnd', nowMs),
          state: 'open',
          count: 1,
          openedAtMs: nowMs,
          lastAtMs: nowMs,
          decidedBy: null,
          decidedAtMs: null,
          note: null,
          changeId: null,
          incidentRef: null,
        });
        return finding.id;
      }),
    settle: (kind, key, actor, nowMs) =>
      inOrder(async () => {
        const known = await store.latest(kind, key);
        if (known?.state !== 'open') return;
        await save({ ...known, state: 'resolved', decidedBy: actor, decidedAtMs: nowMs });
      }),
    openKeys: async (kind) => {
      const keys = new Set<string>();
      let cursor: string | null | undefined;
      while (cursor !== null) {
        const after = cursor === undefined ? {} : { cursor };
        const page = await store.find({ kind, state: 'open', limit: OPEN_PER_READ, ...after });
        for (const { key } of page.items) keys.add(key);
        cursor = page.nextCursor;
      }
      return keys;
    },
    decide: (id, { state, note, changeId }, actor, nowMs) =>
      inOrder(async () => {
        const known = await requireFinding(id);
        const isOpen = state === 'open';
        return save({
          ...known,
          state,
          note,
          changeId,
          decidedBy: isOpen ? null : actor,
          decidedAtMs: isOpen ? null : nowMs,
        });
      }),
    tie: (id, incidentRef) =>
      inOrder(async () => void (await save({ ...(await requireFinding(id)), incidentRef }))),
    onChange: (listener) => void listeners.push(listener),
  };
}
