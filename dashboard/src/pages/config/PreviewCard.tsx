/** What the agent of one machine is told, and which group each value is of. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SettingValue } from '@muster/shared/agent-config/changes.ts';
import { useT, useWords } from '../../i18n/i18n.ts';
import { type ChosenCi, CiChooser } from '../../parts/CiChooser.tsx';
import { machineConfigQuery, STANDINGS_FRESH_MS } from '../../parts/machineConfig.ts';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { ABSENT } from '../../util/quantity.ts';
import { collectedQuery } from './queries.ts';
import { checkWords, settingTitle, settingValue } from './settingWords.ts';

export function PreviewCard() {
  const t = useT();
  const [chosen, setChosen] = useState<ChosenCi[]>([]);
  const [machine] = chosen;
  return (
    <Card className="mt-4" title={t('config.preview.title')}>
      <div className="max-w-sm">
        <CiChooser label={t('config.preview.machine')} chosen={chosen} onChange={setChosen} max={1} />
      </div>
      {machine && <Preview key={machine.id} id={machine.id} />}
    </Card>
  );
}

function Preview({ id }: { id: string }) {
  const t = useT();
  const words = useWords();
  const { data, error, refetch } = useQuery({
    ...machineConfigQuery(id),
    refetchInterval: STANDINGS_FRESH_MS,
  });
  const { data: collected } = useQuery(collectedQuery);
  if (data === undefined)
    return error ? <ErrorPanel error={error} retry={() => void refetch()} /> : <SkeletonRows rows={4} />;
  const { groups, values, standing, checks } = data;
  const valueText = (setting: string, value: SettingValue) => {
    const named = checks.find(({ name }) => setting === `checks.${name}`);
    return named ? checkWords(named.check, t) : settingValue(setting, value, t);
  };
  const leftOut =
    values.filter(({ setting, value }) => setting.startsWith('checks.') && value !== false).length -
    checks.length;
  return (
    <>
      <p className="mt-3 text-text-2">
        {groups.length === 0
          ? t('config.preview.noGroups')
          : t('config.preview.groups', { groups: groups.join(t('ui.listSeparator')) })}{' '}
        {standing === null
          ? t('config.preview.noAgent')
          : t('config.preview.runsVersion', {
              version: standing.runs ?? ABSENT,
              told: standing.told ?? ABSENT,
            })}
      </p>
      {checks.length > 0 && (standing?.checks === 'unable' || standing?.checks === 'forbidden') && (
        <p className="mt-1 text-warn-fg">{t(`config.preview.checks.${standing.checks}`)}</p>
      )}
      {leftOut > 0 && (
        <p className="mt-1 text-warn-fg">
          {t('config.preview.checks.leftOut', { count: leftOut, max: checks.length })}
        </p>
      )}
      <div className="-mx-4 mt-2">
        <PlainTable
          label={t('config.preview.title')}
          head={[
            { id: 'setting', label: t('config.save.what') },
            { id: 'value', label: t('config.preview.value') },
            { id: 'from', label: t('config.preview.from') },
          ]}
        >
          {values.map(({ setting, value, from }) => (
            <tr key={setting}>
              <td>{settingTitle(setting, collected, t, words)}</td>
              <td
                className={cx(
                  'font-medium',
                  setting.startsWith('checks.') ? 'py-1.5 wrap-anywhere' : 'whitespace-nowrap',
                )}
              >
                {valueText(setting, value)}
              </td>
              <td className="text-text-2">
                {from.type === 'group' ? from.name : t(`config.from.${from.type}`)}
              </td>
            </tr>
          ))}
        </PlainTable>
      </div>
    </>
  );
}
