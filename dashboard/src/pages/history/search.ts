/** What the addresses of the pages of the past hold. */
import { DRIFT_KINDS } from '@muster/shared/api/choices.ts';
import { z } from 'zod';
import { ATTRIBUTE_SOURCES, type HistoryEntry } from '@muster/shared/api/cmdb.ts';
import { searchChoice, searchText } from '../../util/search.ts';

/** ISO time with zone. */
const time = z.iso.datetime({ offset: true }).optional().catch(undefined);

export const PastSearch = z.object({ at: time, class: searchText, q: searchText });
export type PastSearch = z.infer<typeof PastSearch>;

export const FEED_KINDS = [
  'created',
  'changed',
  'removed',
  'returned',
  'relation-added',
  'relation-ended',
  'merged',
  'split',
] as const satisfies readonly HistoryEntry['kind'][];
export const FeedSearch = z.object({
  ciId: searchText,
  q: searchText,
  class: searchText,
  attribute: searchText,
  kind: searchChoice(FEED_KINDS),
  source: searchChoice([...ATTRIBUTE_SOURCES, 'system']),
  actor: searchText,
  from: time,
  to: time,
});
export type FeedSearch = z.infer<typeof FeedSearch>;

export const DRIFT_MODES = ['dates', 'baseline', 'peers'] as const;
export const DriftSearch = z.object({
  mode: searchChoice(DRIFT_MODES),
  /** Only these items, comma-separated. */
  ids: searchText,
  /** Attributes that are left out, comma-separated. */
  ignore: searchText,
  from: time,
  to: time,
  baseline: searchText,
  class: searchText,
  model: searchText,
  tag: searchText,
  kind: searchChoice(DRIFT_KINDS),
  q: searchText,
});
export type DriftSearch = z.infer<typeof DriftSearch>;

export const AccuracySearch = z.object({ class: searchText, site: searchText });
export type AccuracySearch = z.infer<typeof AccuracySearch>;
