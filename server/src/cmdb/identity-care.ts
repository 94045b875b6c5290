/** Questions of identity until somebody answers them: findings, people's decisions, values that identify nothing. */
import { isPutAway } from '@muster/shared/cmdb/lifecycle.ts';
import type { Millis } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import type { Findings } from '../findings/finding.ts';
import { canonicalMac } from '../inventory/mac.ts';
import { canonicalUuid } from '../inventory/uuid.ts';
import type { Cmdb } from './cmdb.ts';
import type { IdentityPin, IdentityReview, JunkKind, JunkValue } from './identity-record.ts';
import type { Merging } from './merging.ts';
import type { ReportNews } from './reports.ts';
import type { CmdbStore } from './store.ts';

export type ReviewAnswer =
  | { readonly same: string }
  | { readonly new: true }
  /** It stays open. */
  | { readonly later: true };

export interface IdentityCare {
  /** @throws AppError not-found, transition-not-allowed */
  decide(reviewId: string, answer: ReviewAnswer, actor: string, nowMs: Millis): Promise<IdentityReview>;
  /** @throws AppError not-found */
  removePin(id: string): Promise<void>;
  /** @throws AppError input-invalid, conflict */
  addJunk(
    kind: JunkKind,
    value: string,
    note: string | null,
    actor: string,
    nowMs: Millis,
  ): Promise<JunkValue>;
  /** @throws AppError not-found */
  removeJunk(id: string, nowMs: Millis): Promise<void>;
  /** Findings that were being raised are stored. */
  settled(): Promise<void>;
}

interface CareDeps {
  readonly cmdb: Pick<Cmdb, 'onReport' | 'onApplied' | 'identity' | 'change'>;
  readonly store: CmdbStore;
  readonly merging: Pick<Merging, 'merge'>;
  readonly findings: Findings;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  readonly report: (what: string, error: unknown) => void;
}

const SILENT_WORDS: Readonly<Record<string, { en: string; zh: string }>> = {
  retired: { en: 'retired', zh: '已退役' },
  disposed: { en: 'disposed of', zh: '已处置' },
  missing: { en: 'missing', zh: '遗失' },
  in_stock: { en: 'in stock', zh: '在库' },
};
/** So much of a value must stand before a '*': less would be half the fleet. */
const JUNK_PREFIX_MIN = 4;

export function createIdentityCare(deps: CareDeps): IdentityCare {
  const { cmdb, store, merging, findings, newId, report } = deps;
  const book = cmdb.identity;
  let last: Promise<unknown> = Promise.resolve();
  function behind(what: string, work: () => Promise<unknown>): void {
    last = last.then(work).catch((error: unknown) => report(what, error));
  }

  cmdb.onReport((news, nowMs) => {
    for (const raise of [ghost, question, clone]) raise(news, nowMs);
  });
  cmdb.onApplied(({ ci, history }) => {
    const step = history.find(({ ciId, attribute }) => ciId === ci.id && attribute === 'lifecycle');
    if (step && !isPutAway(ci.lifecycle))
      behind('a finding was not settled', () =>
        findings.settle('ghost-device', ci.id, step.actor, step.atMs),
      );
  });

  function ghost({ ci, reporter }: ReportNews, nowMs: Millis): void {
    if (!isPutAway(ci.lifecycle)) return;
    const words = SILENT_WORDS[ci.lifecycle] ?? { en: ci.lifecycle, zh: ci.lifecycle };
    behind('a finding was not raised', () =>
      findings.raise(
        {
          kind: 'ghost-device',
          key: ci.id,
          ciId: ci.id,
          title: {
            en: `${ci.name} reports although it is ${words.en}`,
            zh: `${ci.name} ${words.zh}，却仍在上报`,
          },
          evidence: { lifecycle: ci.lifecycle, source: reporter.source, reporter: reporter.id },
        },
        nowMs,
      ),
    );
  }

  function question({ ci, decision, review }: ReportNews, nowMs: Millis): void {
    if (review === null || decision.decision !== 'ambiguous') return;
    behind('a finding was not raised', () =>
      findings.raise(
        {
          kind: 'identity-review',
          key: review.id,
          ciId: ci.id,
          title: {
            en: `${ci.name} could be a machine that is known already`,
            zh: `${ci.name} 可能是已登记的计算机`,
          },
          evidence: {
            reviewId: review.id,
            rule: review.rule,
            candidates: review.candidates.map(({ ciId, ciName, reason }) => ({ ciId, ciName, reason })),
          },
        },
        nowMs,
      ),
    );
  }

  function clone({ ci, decision, reporter }: ReportNews, nowMs: Millis): void {
    if (decision.decision !== 'contradicted') return;
    behind('a finding was not raised', () =>
      findings.raise(
        {
          kind: 'cloned-identity',
          key: `${reporter.source} ${reporter.id}`,
          ciId: ci.id,
          title: {
            en: `${ci.name} reports with the identity of another machine: a copied disk`,
            zh: `${ci.name} 以另一台计算机的身份上报：磁盘可能被克隆`,
          },
          evidence: { reporter: reporter.id, keys: decision.keys },
        },
        nowMs,
      ),
    );
  }

  async function openReview(id: string): Promise<IdentityReview> {
    const review = await store.review(id);
    if (!review) throw new AppError('not-found', `There is no review ${id}.`);
    if (review.state !== 'open')
      throw new AppError('transition-not-allowed', `${review.decidedBy} has decided this already.`);
    return review;
  }

  return {
    async decide(reviewId, answer, actor, nowMs) {
      const review = await openReview(reviewId);
      if ('later' in answer) return review;
      if ('same' in answer) {
        const reporter = { source: review.source, id: review.reporterId };
        await merging.merge(answer.same, [review.ciId], actor, nowMs, reporter);
      } else {
        const pin = { atMs: nowMs, actor };
        const pins: IdentityPin[] = [
          {
            ...pin,
            id: newId('pin', nowMs),
            kind: 'reporter-is',
            ciId: review.ciId,
            source: review.source,
            reporterId: review.reporterId,
          },
          ...review.candidates.map(({ ciId }) => ({
            ...pin,
            id: newId('pin', nowMs),
            kind: 'never-same' as const,
            ciId: review.ciId,
            otherId: ciId,
          })),
        ];
        const decided: IdentityReview = {
          ...review,
          state: 'new',
          decidedCiId: review.ciId,
          decidedBy: actor,
          decidedAtMs: nowMs,
        };
        await cmdb.change(async () => ({
          edits: {
            atMs: nowMs,
            cis: [],
            keys: new Map(),
            relations: [],
            history: [],
            identity: { pins, reviews: [decided] },
          },
          result: null,
        }));
      }
      await findings.settle('identity-review', reviewId, actor, nowMs);
      return (await store.review(reviewId)) ?? review;
    },
    async removePin(id) {
      if (!book.pin(id)) throw new AppError('not-found', `There is no decision ${id}.`);
      await store.removePin(id);
      book.put({ removedPins: [id] });
    },
    async addJunk(kind, value, note, actor, nowMs) {
      const junk: JunkValue = {
        id: newId('junk', nowMs),
        kind,
        value: spelled(kind, value),
        note: note || null,
        atMs: nowMs,
        actor,
      };
      if (book.junkValues().some((known) => known.kind === kind && known.value === junk.value))
        throw new AppError('conflict', `${junk.value} is in the list already.`);
      await store.putJunk(junk);
      book.putJunk(junk, nowMs);
      return junk;
    },
    async removeJunk(id, nowMs) {
      if (!book.junkValues().some((known) => known.id === id))
        throw new AppError('not-found', `There is no value ${id} in the list.`);
      await store.removeJunk(id);
      book.removeJunk(id, nowMs);
    },
    settled: async () => void (await last),
  };
}

/** As normalised facts spell it. @throws AppError input-invalid */
function spelled(kind: JunkKind, value: string): string {
  const refuse = (what: string) => new AppError('input-invalid', `${value} is ${what}.`);
  const isPattern = value.endsWith('*');
  if (isPattern && value.length <= JUNK_PREFIX_MIN)
    throw refuse(`too short: ${JUNK_PREFIX_MIN} characters must stand before the *`);
  if (kind === 'serial') return value.replaceAll(/\s+/g, '').toUpperCase();
  if (kind === 'uuid' && !isPattern) {
    const uuid = canonicalUuid(value);
    if (uuid === null) throw refuse('no UUID');
    return uuid;
  }
  if (kind === 'mac') {
    if (isPattern) return value.toLowerCase().replaceAll('-', ':');
    const mac = canonicalMac(value);
    if (mac === null) throw refuse('no MAC address');
    return mac;
  }
  const lower = value.trim().toLowerCase();
  return kind === 'machine-id' ? lower.replaceAll(/[{}-]/g, '') : lower;
}
