/** What the address of the map holds. */
import { z } from 'zod';
import { searchChoice, searchText } from '../../util/search.ts';

export const MAP_VIEWS = ['picture', 'list'] as const;
export const MapSearch = z.object({
  class: searchText,
  site: searchText,
  service: searchText,
  around: searchText,
  steps: searchChoice(['1', '3', '4', '5', '6']),
  /** How many CIs are shown: nothing: from afar where they are too many. */
  group: searchChoice(['site', 'class', 'service', 'none']),
  as: searchChoice(MAP_VIEWS),
  q: searchText,
  /** The chosen CI. */
  ci: searchText,
});
export type MapSearch = z.infer<typeof MapSearch>;
/** In place of a site: those that stand at none. */
export const NO_SITE = '-';
export const STEPS_DEFAULT = '2';
