/** What the address of a rollout holds. */
import { z } from 'zod';
import { searchText } from '../../util/search.ts';

/** `state` and `ring` are known to the page only: what they may be comes with it. */
export const RolloutSearch = z.object({ state: searchText, ring: searchText });
export type RolloutSearch = z.infer<typeof RolloutSearch>;
