/** What the address of the wallboard holds; the token stands behind `#`, which no server log sees. */
import { z } from 'zod';
import { searchChoice, searchText } from '../../util/search.ts';

/** `lang`: instead of the language of whoever it belongs to. `site`: only machines of it. */
export const WallSearch = z.object({ lang: searchChoice(['en', 'zh']), site: searchText });
