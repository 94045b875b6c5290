/** What differs between two versions, one line for each value. */
import { useQuery } from '@tanstack/react-query';
import { useT, useWords } from '../../i18n/i18n.ts';
import type { ConfigChange, SettingValue } from '@muster/shared/agent-config/changes.ts';
import type { ConfigGroups } from '@muster/shared/api/agent-config.ts';
import { CI_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { isCiClass } from '../../parts/attributes.ts';
import { collectedQuery } from './queries.ts';
import { checkWords, defaultValue, settingTitle, settingValue } from './settingWords.ts';

export interface ChangesTableProps {
  readonly changes: readonly ConfigChange[];
  /** Between which they are: checks are told with all that they say. */
  readonly before: ConfigGroups;
  readonly after: ConfigGroups;
}

export function ChangesTable({ changes, before: held, after: made }: ChangesTableProps) {
  const t = useT();
  const words = useWords();
  const { data: collected } = useQuery(collectedQuery);
  const cameOrWent = new Set(changes.flatMap(({ group, setting }) => (setting === 'group' ? [group] : [])));
  const valueText = (
    { group, setting }: ConfigChange,
    value: SettingValue | null,
    { everybody, groups }: ConfigGroups,
  ) => {
    if (setting.startsWith('checks.')) {
      const settings = group === null ? everybody : groups.find(({ name }) => name === group)?.settings;
      const check = settings?.checks?.[setting.slice('checks.'.length)];
      if (check) return checkWords(check, t);
    }
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
                  {valueText(change, before, held)} <span aria-hidden="true">→</span>{' '}
                </>
              )}
              <span className="font-medium text-text">{valueText(change, after, made)}</span>
            </p>
          </li>
        );
      })}
    </ul>
  );
}
