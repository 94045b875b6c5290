/** What differs between two versions, one line for each value. */
import { useQuery } from '@tanstack/react-query';
import { useT, useWords } from '../../i18n/i18n.ts';
import { CI_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { isCiClass } from '../../parts/attributes.ts';
import type { ConfigChange, SettingValue } from './changes.ts';
import { collectedQuery } from './queries.ts';
import { defaultValue, settingTitle, settingValue } from './settingWords.ts';

export function ChangesTable({ changes }: { changes: readonly ConfigChange[] }) {
  const t = useT();
  const words = useWords();
  const { data: collected } = useQuery(collectedQuery);
  const cameOrWent = new Set(changes.flatMap(({ group, setting }) => (setting === 'group' ? [group] : [])));
  const valueText = ({ group, setting }: ConfigChange, value: SettingValue | null) => {
    // What a group is not narrowed by. Of one that is not there, nothing at all.
    if (value === null && setting.startsWith('of.'))
      return t(cameOrWent.has(group) ? 'config.value.none' : 'config.value.any');
    if (value === null && group === null) return defaultValue(setting, t);
    if (setting !== 'of.classes' || typeof value !== 'string') return settingValue(setting, value, t);
    const titles = value.split(', ').map((name) => (isCiClass(name) ? words(CI_CLASSES[name].title) : name));
    return titles.join(t('ui.listSeparator'));
  };
  return (
    <ul className="max-h-[50dvh] overflow-y-auto border-y border-line">
      {changes.map((change) => {
        const { group, setting, before, after } = change;
        return (
          <li key={`${group ?? ''} ${setting}`} className="border-line py-2 [&+&]:border-t">
            <p className="font-medium">
              {settingTitle(setting, collected, t, words)}
              <span className="ml-2 text-12 font-normal text-text-3">{group ?? t('config.everybody')}</span>
            </p>
            <p className="text-12 text-text-2">
              {setting !== 'group' && (
                <>
                  {valueText(change, before)} <span aria-hidden="true">→</span>{' '}
                </>
              )}
              <span className="font-medium text-text">{valueText(change, after)}</span>
            </p>
          </li>
        );
      })}
    </ul>
  );
}
