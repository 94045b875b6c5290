/** One day that differs: a holiday, a make-up workday, or hours of its own. */
import { useState } from 'react';
import { CALENDAR_NAME_MAX, DAY_KINDS } from '@muster/shared/api/calendars.ts';
import type { CalendarDay } from '@muster/shared/api/calendars.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { DateField } from '../../ui/DateField.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { rangesOf, rangesText } from './hoursText.ts';

const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const;

export function DayDialog({
  day,
  held,
  onClose,
  onTake,
}: {
  day: string;
  held: CalendarDay | undefined;
  onClose: () => void;
  onTake: (day: CalendarDay) => void;
}) {
  const t = useT();
  const [date, setDate] = useState(day);
  const [kind, setKind] = useState(held?.kind ?? 'closed');
  const [name, setName] = useState(held?.name ?? '');
  const [like, setLike] = useState(String(held?.likeWeekday ?? 1));
  const [hours, setHours] = useState(rangesText(held?.ranges ?? []));
  const ranges = rangesOf(hours);
  const wrong = kind === 'hours' && (ranges === null || ranges.length === 0);
  return (
    <Dialog open onClose={onClose} title={t('calendars.addDay')}>
      <div className="grid gap-3">
        <DateField
          type="date"
          label={t('calendars.day')}
          value={date}
          onChange={(event) => event.target.value !== '' && setDate(event.target.value)}
        />
        <SelectField
          label={t('calendars.kind')}
          value={kind}
          options={DAY_KINDS.map((value) => ({ value, label: t(`calendars.kinds.${value}`) }))}
          onChange={setKind}
        />
        {kind === 'workday' && (
          <SelectField
            label={t('calendars.like')}
            value={like}
            options={WEEKDAYS.map((value) => ({
              value: String(value),
              label: t(`calendars.weekday.${value}`),
            }))}
            onChange={setLike}
          />
        )}
        {kind === 'hours' && (
          <TextField
            label={t('calendars.ranges')}
            value={hours}
            placeholder="08:00-12:00"
            error={ranges === null ? t('calendars.rangeWrong') : undefined}
            onChange={(event) => setHours(event.target.value)}
          />
        )}
        <TextField
          label={t('calendars.dayName')}
          value={name}
          maxLength={CALENDAR_NAME_MAX}
          onChange={(event) => setName(event.target.value)}
        />
        <DialogActions>
          <Button onClick={onClose}>{t('calendars.cancel')}</Button>
          <Button
            look="primary"
            disabled={wrong}
            onClick={() =>
              onTake({
                day: date,
                kind,
                name: name.trim(),
                likeWeekday: Number(like),
                ranges: kind === 'hours' ? (ranges ?? []) : [],
              })
            }
          >
            {t('calendars.take')}
          </Button>
        </DialogActions>
      </div>
    </Dialog>
  );
}
