/** On, off, or as the group before says. */
import { useT } from '../../i18n/i18n.ts';
import { cx } from '../../ui/cx.ts';

export interface SwitchSelectProps {
  /** What is switched. */
  readonly label: string;
  /** undefined: not said. */
  readonly value: boolean | undefined;
  /** Nothing comes before everybody but the defaults. */
  readonly first: boolean;
  readonly refusal: string | undefined;
  /** null: as before. */
  readonly onChange: (value: boolean | null) => void;
}

export function SwitchSelect({ label, value, first, refusal, onChange }: SwitchSelectProps) {
  const t = useT();
  return (
    <select
      aria-label={label}
      title={refusal}
      disabled={refusal !== undefined}
      value={value === undefined ? '' : value ? 'on' : 'off'}
      onChange={({ target }) => onChange(target.value === '' ? null : target.value === 'on')}
      className={cx(
        'h-7 rounded-md border bg-surface px-1.5 text-12 disabled:opacity-60 max-tablet:text-16 coarse:h-11',
        value === undefined ? 'border-line text-text-3' : 'border-accent-solid font-medium',
      )}
    >
      <option value="">{t(first ? 'config.choice.default' : 'config.choice.before')}</option>
      <option value="on">{t('config.choice.on')}</option>
      <option value="off">{t('config.choice.off')}</option>
    </select>
  );
}
