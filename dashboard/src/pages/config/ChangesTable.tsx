/** What differs between two versions, one line for each value. */
import { useQuery } from '@tanstack/react-query';
import { useT, useWords } from '../../i18n/i18n.ts';
import type { ConfigChange } from './changes.ts';
import { collectedQuery } from './queries.ts';
import { settingTitle, settingValue } from './settingWords.ts';

export function ChangesTable({ changes }: { changes: readonly ConfigChange[] }) {
  const t = useT();
  const words = useWords();
  const { data: collected } = useQuery(collectedQuery);
  return (
    <ul className="max-h-[50dvh] overflow-y-auto border-y border-line">
      {changes.map(({ group, setting, before, after }) => (
        <li key={`${group ?? ''} ${setting}`} className="border-line py-2 [&+&]:border-t">
          <p className="font-medium">
            {settingTitle(setting, collected, t, words)}
            <span className="ml-2 text-12 font-normal text-text-3">{group ?? t('config.everybody')}</span>
          </p>
          <p className="text-12 text-text-2">
            {settingValue(setting, before, t)} <span aria-hidden="true">→</span>{' '}
            <span className="font-medium text-text">{settingValue(setting, after, t)}</span>
          </p>
        </li>
      ))}
    </ul>
  );
}
