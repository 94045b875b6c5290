/** The identity side of the CMDB port in plain maps, for tests. */
import type {
  IdentityEdits,
  IdentityPin,
  IdentityReads,
  IdentityReview,
  IdentityWrites,
  JunkValue,
  MergeRecord,
  ReporterRow,
} from '../../cmdb/identity-record.ts';

type Rows = Omit<IdentityReads, 'sectionHeads' | 'keysOf'> & Omit<IdentityWrites, 'confirmSections'>;

export function createMemoryIdentity(): Rows & { put(edits: IdentityEdits | undefined): void } {
  const reporters = new Map<string, ReporterRow>();
  const pins = new Map<string, IdentityPin>();
  const reviews = new Map<string, IdentityReview>();
  const merges = new Map<string, MergeRecord>();
  const junk = new Map<string, JunkValue>();
  const newestFirst = <Row extends { readonly id: string }>(
    rows: Iterable<Row>,
    atMs: (row: Row) => number,
  ) => [...rows].toSorted((a, b) => atMs(b) - atMs(a) || (a.id < b.id ? 1 : -1));
  return {
    put(edits = {}) {
      for (const row of edits.reporters ?? []) reporters.set(`${row.source} ${row.id}`, row);
      for (const pin of edits.pins ?? []) pins.set(pin.id, pin);
      for (const id of edits.removedPins ?? []) pins.delete(id);
      for (const review of edits.reviews ?? []) reviews.set(review.id, review);
      for (const merge of edits.merges ?? []) merges.set(merge.id, structuredClone(merge));
    },
    reporters: async () => [...reporters.values()],
    pins: async () => [...pins.values()],
    reviews: async ({ state, limit }) =>
      newestFirst(reviews.values(), ({ openedAtMs }) => openedAtMs)
        .filter((review) => state === undefined || review.state === state)
        .slice(0, limit),
    review: async (id) => reviews.get(id) ?? null,
    merge: async (id) => merges.get(id) ?? null,
    mergesOf: async (ciId) =>
      newestFirst(merges.values(), ({ atMs }) => atMs).filter(
        ({ keepId, otherId }) => keepId === ciId || otherId === ciId,
      ),
    junkValues: async () => [...junk.values()],
    putJunk: async (value) => void junk.set(value.id, value),
    removeJunk: async (id) => void junk.delete(id),
    putReview: async (review) => void reviews.set(review.id, review),
    removePin: async (id) => void pins.delete(id),
  };
}
