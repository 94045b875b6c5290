/** Sentences that the server made, in the reader's language and zone. */
import { useCallback } from 'react';
import type { Words } from '@muster/shared/api/incidents.ts';
import { useLanguage } from '../i18n/i18n.ts';
import { useNow } from '../util/clock.ts';
import { withLocalTimes } from '../util/sentenceTimes.ts';

/** `exact`: times with their seconds. */
export function useSentence(exact = false): (words: Words) => string {
  const language = useLanguage();
  const now = useNow(60_000);
  return useCallback(
    (words) => withLocalTimes(words[language], now, language, exact),
    [language, now, exact],
  );
}

/** Name of a rule: that of the product's own rules in the reader's language, else as somebody wrote it. */
export function useRuleName(): (rule: {
  readonly name: string;
  readonly nameWords?: Words | undefined;
}) => string {
  const language = useLanguage();
  return useCallback(({ name, nameWords }) => nameWords?.[language] ?? name, [language]);
}
