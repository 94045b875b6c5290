/** Names what is agreed for later days already, and lets a person choose whether it stays. */
import type { LaterChoice } from '@muster/shared/api/calendars.ts';
import { useT } from '../../i18n/i18n.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { SelectField } from '../../ui/Field.tsx';

interface Planned {
  readonly fromDay: string | null;
  /** What holds from then on, for a person. */
  readonly what: string;
}

interface LaterFieldProps {
  readonly planned: readonly Planned[];
  readonly value: LaterChoice;
  readonly onChange: (value: LaterChoice) => void;
}

export function LaterField({ planned, value, onChange }: LaterFieldProps) {
  const t = useT();
  if (planned.length === 0) return null;
  return (
    <div role="group" aria-label={t('calendars.later.label')} className="grid gap-2">
      <p role="status" className="flex items-start gap-2">
        <Glyph name="triangle" className="mt-1 flex-none text-warn-fg" />
        <span className="min-w-0 break-words">
          {t('calendars.later.warn', {
            list: planned
              .map(({ fromDay, what }) => t('calendars.later.item', { day: fromDay ?? '', what }))
              .join(t('ui.listSeparator')),
          })}
        </span>
      </p>
      <SelectField
        label={t('calendars.later.label')}
        value={value}
        options={[
          { value: 'keep', label: t('calendars.later.keep') },
          { value: 'replace', label: t('calendars.later.replace') },
        ]}
        onChange={onChange}
      />
    </div>
  );
}

/** Of what holds from days on: what a change from `day` on would meet. */
export function laterThan<T extends { readonly fromDay: string | null }>(
  held: readonly T[],
  day: string,
): T[] {
  return held.filter(({ fromDay }) => fromDay !== null && fromDay > day);
}
