/** What the addresses of the machine pages hold: filters, range, sort. */
import { z } from 'zod';
import { SHOWN_PRESENCES } from '../../ui/states.ts';
import { searchChoice, searchSort, searchText } from '../../util/search.ts';

/** Values of one facet, one or several; '' stands for none. */
const FACET_VALUES_MAX = 32;
const facetValue = z.string().max(128);
const facet = z
  .union([facetValue.transform((value) => [value]), z.array(facetValue).max(FACET_VALUES_MAX)])
  .transform((values) => (values.length === 0 ? undefined : values))
  .optional()
  .catch(undefined);

export const MachinesSearch = z.object({
  /** Several, joined by commas. */
  presence: z
    .string()
    .max(128)
    .transform((value) =>
      value
        .split(',')
        .filter((each) => (SHOWN_PRESENCES as readonly string[]).includes(each))
        .join(','),
    )
    .optional()
    .catch(undefined),
  class: facet,
  site: facet,
  tag: facet,
  os: facet,
  lifecycle: facet,
  q: searchText,
  sort: searchSort,
  /** The saved view that was opened. */
  view: searchText,
  /** Columns left out, joined by commas; missing: those of the view, or of this person. */
  hide: z
    .string()
    .max(400)
    .regex(/^[a-z,]*$/)
    .optional()
    .catch(undefined),
});
export type MachinesSearch = z.infer<typeof MachinesSearch>;

export const RANGES = ['15m', '1h', '24h', '7d', '30d', '1y'] as const;
export type RangeName = (typeof RANGES)[number];
/** An instant in UTC, whole seconds: `2026-11-20T10:42:08Z`. */
const instant = z.iso.datetime().optional().catch(undefined);
/** With what the charts are compared: the same time a day or a week before, or the range right before. */
export const PERIODS = ['day', 'week', 'before'] as const;
export type PeriodName = (typeof PERIODS)[number];
/** More lines would not be told apart. */
export const COMPARED_MAX = 3;
const CI_ID_LENGTH_MAX = 64;

export const LiveSearch = z.object({
  range: searchChoice(RANGES),
  /** Both: a fixed range, chosen by drag, by steps or by hand; `range` is where it leads back to. */
  from: instant,
  to: instant,
  against: searchChoice(PERIODS),
  /** Beneath each chart of a day or more: mean, percentiles, highest. */
  figures: searchChoice(['percentiles']),
  /** Ids of other machines, joined by commas. */
  compare: z
    .string()
    .max((CI_ID_LENGTH_MAX + 1) * 16)
    .transform((value) => value.split(',').filter(Boolean).slice(0, COMPARED_MAX).join(','))
    .optional()
    .catch(undefined),
});
export type LiveSearch = z.infer<typeof LiveSearch>;

export const SoftwareSearch = z.object({ q: searchText, sort: searchSort });
export const HistorySearch = z.object({
  q: searchText,
  /** The day at whose end the machine is looked at, `2026-11-20`. */
  at: z.iso.date().optional().catch(undefined),
});

export const AvailabilitySearch = z.object({
  /** Calendar month, `2026-11`; missing: the present one. */
  month: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
    .optional()
    .catch(undefined),
  /** Missing: known time. */
  formula: searchChoice(['ham', 'spm']),
});
