/** HTTP operations of identity. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type {
  CiMerge,
  IdentityPin as PinView,
  IdentityReview as ReviewView,
  JunkValue as JunkView,
} from '@muster/shared/api/identity.ts';
import { MERGED_MAX } from '@muster/shared/api/identity.ts';
import { toIso, type Millis } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import type { Routes } from '../http/routes.ts';
import type { IdentityBook } from './identity-book.ts';
import type { IdentityCare } from './identity-care.ts';
import type { IdentityPin, IdentityReview, JunkValue, MergeRecord } from './identity-record.ts';
import type { MergePlan, Merging } from './merging.ts';
import { ciNames } from './names.ts';
import type { Ci, CmdbStore } from './store.ts';

interface IdentityRouteDeps {
  readonly store: CmdbStore;
  readonly book: IdentityBook;
  readonly merging: Merging;
  readonly care: IdentityCare;
  /** When anything was last heard of the CI; null: never. */
  readonly lastSeenMs: (ciId: string) => Millis | null;
}

const TRACES_MAX = 50;
const REVIEWS_MAX = 200;
type Names = ReadonlyMap<string, { readonly name: string; readonly class: string }>;

export function addIdentityRoutes(
  routes: Routes,
  { store, book, merging, care, lastSeenMs }: IdentityRouteDeps,
): void {
  routes.add(ENDPOINTS.ciIdentity, async ({ params: { id } }) => {
    if (await store.part(id)) return { items: [], reporters: [], pins: [], merges: [], reviewId: null };
    if (!(await store.ci(id))) throw new AppError('not-found', `There is no configuration item ${id}.`);
    const [traces, heads, merges] = await Promise.all([
      store.traces(id, TRACES_MAX),
      store.sectionHeads(id),
      store.mergesOf(id),
    ]);
    const pins = book.pinsOf(id);
    const names = await ciNames(
      store,
      pins.flatMap((pin) => [pin.ciId, ...(pin.kind === 'never-same' ? [pin.otherId] : [])]),
    );
    return {
      items: traces.map(({ atMs, id: _id, ciId: _ciId, agentId: _agentId, ...trace }) => ({
        at: toIso(atMs),
        ...trace,
      })),
      reporters: book.reportersOf(id).map(({ source, id: reporter, firstAtMs, lastAtMs }) => ({
        source,
        id: reporter,
        firstAt: toIso(firstAtMs),
        lastAt: toIso(lastAtMs),
        owns: Object.entries(heads)
          .filter(([, head]) => head.source === source && head.reporter === reporter)
          .map(([section]) => section),
      })),
      pins: pins.map((pin) => pinView(pin, names)),
      merges: merges.map(mergeView),
      reviewId: book.openReviewOf(id)?.id ?? null,
    };
  });

  async function reviewsShown(reviews: readonly IdentityReview[]): Promise<ReviewView[]> {
    const ids = reviews.flatMap(({ ciId, decidedCiId, candidates }) => [
      ciId,
      ...(decidedCiId ? [decidedCiId] : []),
      ...candidates.map((candidate) => candidate.ciId),
    ]);
    const cis = new Map((await store.cis(ids)).map((ci) => [ci.id, ci]));
    return reviews.map((review) => reviewView(review, cis));
  }

  function reviewView(review: IdentityReview, cis: ReadonlyMap<string, Ci>): ReviewView {
    const { id, state, openedAtMs, lastAtMs, rule, reason, mergeId } = review;
    return {
      id,
      state,
      openedAt: toIso(openedAtMs),
      lastAt: toIso(lastAtMs),
      ci: refOf(review.ciId, cis),
      reporter: { source: review.source, id: review.reporterId },
      rule,
      reason,
      candidates: review.candidates.map(({ ciId, reason: why, keys }) => {
        const seenMs = Math.max(
          lastSeenMs(ciId) ?? 0,
          ...book.reportersOf(ciId).map((reporter) => reporter.lastAtMs),
        );
        return {
          ...refOf(ciId, cis),
          reason: why,
          keys: [...keys],
          lifecycle: cis.get(ciId)?.lifecycle ?? 'in_use',
          lastSeenAt: seenMs === 0 ? null : toIso(seenMs),
          sources: [...new Set(book.reportersOf(ciId).map(({ source }) => source))],
        };
      }),
      decidedCi: review.decidedCiId === null ? null : refOf(review.decidedCiId, cis),
      decidedBy: review.decidedBy,
      decidedAt: review.decidedAtMs === null ? null : toIso(review.decidedAtMs),
      mergeId,
    };
  }

  routes.add(ENDPOINTS.listIdentityReviews, async ({ query }) => {
    const state = query.state === 'open' ? { state: 'open' as const } : {};
    const reviews = await store.reviews({ ...state, limit: REVIEWS_MAX });
    return { items: await reviewsShown(reviews), open: book.openReviews };
  });

  routes.add(ENDPOINTS.getIdentityReview, async ({ params }) => {
    const review = await store.review(params.id);
    const [shown] = review ? await reviewsShown([review]) : [];
    if (!shown) throw new AppError('not-found', `There is no review ${params.id}.`);
    return shown;
  });

  routes.add(ENDPOINTS.decideIdentityReview, async ({ params, body }, { actor, nowMs }) => {
    const [shown] = await reviewsShown([await care.decide(params.id, body, actor.name, nowMs)]);
    if (!shown) throw new AppError('not-found', `There is no review ${params.id}.`);
    return shown;
  });

  routes.add(ENDPOINTS.mergePreview, async ({ query }) => {
    const others = query.others.split(',').filter((id) => id !== '');
    if (others.length === 0 || others.length > MERGED_MAX)
      throw new AppError('input-invalid', `Between 1 and ${MERGED_MAX} others are merged at once.`);
    return planView(await merging.preview(query.keep, others));
  });

  routes.add(ENDPOINTS.mergeCis, async ({ body }, { actor, nowMs }) => {
    const merges = await merging.merge(body.keep, body.others, actor.name, nowMs);
    return { id: body.keep, merges: merges.map(mergeView) };
  });

  routes.add(ENDPOINTS.undoMerge, async ({ params }, { actor, nowMs }) =>
    mergeView(await merging.undo(params.id, actor.name, nowMs)),
  );

  routes.add(ENDPOINTS.splitCi, async ({ params, body }, { actor, nowMs }) => {
    const reporter = { source: body.source, id: body.reporter };
    return { id: (await merging.split(params.id, reporter, actor.name, nowMs)).id };
  });

  routes.add(ENDPOINTS.removePin, async ({ params }) => {
    await care.removePin(params.id);
    return {};
  });

  routes.add(ENDPOINTS.listJunkValues, async () => ({ items: book.junkValues().map(junkView) }));

  routes.add(ENDPOINTS.addJunkValue, async ({ body }, { actor, nowMs }) =>
    junkView(await care.addJunk(body.kind, body.value, body.note, actor.name, nowMs)),
  );

  routes.add(ENDPOINTS.removeJunkValue, async ({ params }, { nowMs }) => {
    await care.removeJunk(params.id, nowMs);
    return {};
  });
}

function refOf(id: string, cis: Names) {
  const { name, class: ciClass } = cis.get(id) ?? { name: id, class: 'Server' };
  return { id, name, class: ciClass };
}

function pinView(pin: IdentityPin, names: Names): PinView {
  return {
    id: pin.id,
    kind: pin.kind,
    at: toIso(pin.atMs),
    actor: pin.actor,
    ci: refOf(pin.ciId, names),
    other: pin.kind === 'never-same' ? refOf(pin.otherId, names) : null,
    reporter: pin.kind === 'reporter-is' ? { source: pin.source, id: pin.reporterId } : null,
  };
}

function mergeView({ id, atMs, actor, before, undoneAtMs, undoneBy }: MergeRecord): CiMerge {
  const ref = (ci: Ci) => ({ id: ci.id, name: ci.name, class: ci.class });
  return {
    id,
    at: toIso(atMs),
    actor,
    keep: ref(before.keep),
    other: ref(before.other),
    undoneAt: undoneAtMs === null ? null : toIso(undoneAtMs),
    undoneBy,
  };
}

function planView({ keep, others, conflicts, keptApart, taken, sections, relations }: MergePlan) {
  const ref = (ci: Ci) => ({ id: ci.id, name: ci.name, class: ci.class });
  return {
    keep: ref(keep),
    others: others.map(ref),
    conflicts: [
      ...keptApart.map((otherId) => ({
        kind: 'kept-apart' as const,
        name: '',
        keep: null,
        other: null,
        otherId,
      })),
      ...conflicts,
    ],
    taken: [...taken],
    sections: [...sections],
    relations,
  };
}

function junkView({ atMs, ...junk }: JunkValue): JunkView {
  return { ...junk, at: toIso(atMs) };
}
