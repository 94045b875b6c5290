/**
 * A date or time in a line of filters, its label beside it. The browser writes the field in its own language, which no page
 * can change: where that is another than the page's, the field says it as the page does, but while somebody types.
 */
import { useId } from 'react';
import { useLanguage, useT } from '../i18n/i18n.ts';
import { dateValueText } from '../util/dateValue.ts';
import { cx } from './cx.ts';

export interface DateLineProps {
  readonly label: string;
  /** Where the line says already what it is, the label is only spoken. */
  readonly labelHidden?: boolean;
  readonly type: 'date' | 'datetime-local';
  /** As the field holds it: `2026-10-01`, `2026-10-01T12:00`; empty: none is chosen. */
  readonly value: string;
  readonly min?: string;
  readonly max?: string;
  readonly onChange: (value: string) => void;
}

export function DateLine({ label, labelHidden, type, value, min, max, onChange }: DateLineProps) {
  const t = useT();
  const language = useLanguage();
  const id = useId();
  const said = navigator.language.startsWith(language)
    ? null
    : (dateValueText(value, language) ?? t('calendars.chooseDay'));
  return (
    <span className="no-print flex max-w-full min-w-0 flex-none items-center gap-2 text-12 text-text-2">
      <label htmlFor={id} className={labelHidden ? 'sr-only' : 'whitespace-nowrap'}>
        {label}
      </label>
      <span className="relative flex min-w-0">
        <input
          id={id}
          type={type}
          value={value}
          min={min}
          max={max}
          aria-describedby={said === null ? undefined : `${id}-said`}
          onChange={({ target }) => onChange(target.value)}
          className={cx(
            'peer h-(--control) min-w-0 rounded-md border border-line-strong bg-surface px-2 text-13 max-tablet:text-16',
            said === null ? 'text-text' : 'text-transparent focus:text-text',
          )}
        />
        {said !== null && (
          <span
            id={`${id}-said`}
            className={cx(
              'pointer-events-none absolute inset-y-0 left-2 flex items-center text-13 whitespace-nowrap tabular-nums peer-focus:invisible max-tablet:text-16',
              value === '' ? 'text-text-3' : 'text-text',
            )}
          >
            {said}
          </span>
        )}
      </span>
    </span>
  );
}
