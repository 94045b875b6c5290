/** Filters a list by a label of the agent configuration: those that groups give, and the one of the address. */
import { useQuery } from '@tanstack/react-query';
import { useT } from '../i18n/i18n.ts';
import { SelectLine } from '../ui/SelectLine.tsx';
import { configQuery } from './machineConfig.ts';

export interface LabelLineProps {
  /** `name=value`, or a name for any value. */
  readonly label: string | undefined;
  readonly onChange: (label: string | undefined) => void;
}

/** Nothing where no group gives any. */
export function LabelLine({ label, onChange }: LabelLineProps) {
  const t = useT();
  const { data } = useQuery(configQuery);
  const all = data ? [data.content.everybody, ...data.content.groups.map(({ settings }) => settings)] : [];
  const given = all.flatMap(({ labels = {} }) =>
    Object.entries(labels).map(([name, value]) => `${name}=${value}`),
  );
  const labels = [...new Set(label ? [label, ...given] : given)].sort();
  if (labels.length === 0) return null;
  return (
    <SelectLine
      label={t('config.filter.label')}
      value={label ?? ''}
      options={[
        { value: '', label: t('config.filter.any') },
        ...labels.map((value) => ({ value, label: value })),
      ]}
      onChange={(value) => onChange(value === '' ? undefined : value)}
    />
  );
}
