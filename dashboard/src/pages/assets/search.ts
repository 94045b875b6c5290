/** What the addresses of the asset pages hold. */
import { ASSET_FILTERS } from '@muster/shared/api/choices.ts';
import { z } from 'zod';
import { searchChoice, searchLabel, searchText } from '../../util/search.ts';
import { LABEL_SHEETS } from './labelSheets.ts';

const sheetNames = Object.keys(LABEL_SHEETS) as [string, ...string[]];

export const AssetsSearch = z.object({
  filter: searchChoice([...ASSET_FILTERS, 'overdue', 'out']),
  q: searchText,
  label: searchLabel,
});
export type AssetsSearch = z.infer<typeof AssetsSearch>;

export const LabelsSearch = z.object({
  /** Comma-separated ids of CIs. */
  ids: z.string().max(20_000).optional().catch(undefined),
  sheet: searchChoice(sheetNames),
});
export const ScanSearch = z.object({
  /** The stock-take that is ticked. */
  count: searchText,
});
export const StocktakesSearch = z.object({ open: searchText });
