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
  as: searchChoice(MAP_VIEWS),
  q: searchText,
  /** The chosen CI. */
  ci: searchText,
});
export type MapSearch = z.infer<typeof MapSearch>;
export const STEPS_DEFAULT = '2';
