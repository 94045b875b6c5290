/** What the address of the page about privacy holds. */
import { z } from 'zod';
import { searchText } from '../../util/search.ts';

export const PrivacySearch = z.object({
  /** Whose switches are shown, by name; nothing: everybody's. */
  group: searchText,
});
