/** Labels that groups of the agent configuration give a machine, as name=value; nothing where there are none. */
import { useQuery } from '@tanstack/react-query';
import { useT } from '../i18n/i18n.ts';
import { machineConfigQuery } from './machineConfig.ts';

const PREFIX = 'labels.';

export function ConfigLabels({ ciId }: { ciId: string }) {
  const t = useT();
  const { data } = useQuery(machineConfigQuery(ciId));
  const labels = data?.values.filter(({ setting }) => setting.startsWith(PREFIX)) ?? [];
  if (labels.length === 0) return null;
  return (
    <ul aria-label={t('config.groups.labels')} className="mt-2 flex flex-wrap gap-1.5">
      {labels.map(({ setting, value, from }) => (
        <li
          key={setting}
          title={from.type === 'group' ? from.name : t(`config.from.${from.type}`)}
          className="max-w-full truncate rounded-[5px] bg-sunken px-1.5 font-mono text-12 leading-5 text-text-2"
        >
          {setting.slice(PREFIX.length)}={String(value)}
        </li>
      ))}
    </ul>
  );
}
