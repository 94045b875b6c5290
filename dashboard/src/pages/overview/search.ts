/** What the address of the overview holds. */
import { z } from 'zod';
import { searchText } from '../../util/search.ts';

/** `site`: only machines of it; empty: those without one. */
export const OverviewSearch = z.object({ site: searchText });
