/** Names of what the product set up itself, in the reader's language until somebody gives another. */
import { useCallback } from 'react';
import { type GivenNames, nameWordsIn } from '@muster/shared/given-names.ts';
import { useLanguage } from '../i18n/i18n.ts';

export function useGivenName(
  given: GivenNames,
): (thing: { readonly id: string; readonly name: string }) => string {
  const language = useLanguage();
  return useCallback((thing) => nameWordsIn(given, thing)[language], [given, language]);
}
