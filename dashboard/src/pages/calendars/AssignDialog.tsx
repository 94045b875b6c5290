/** Assigns a calendar to a class, tag, location, service or single CI from a day on. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ASSIGNMENT_LEVELS } from '@muster/shared/api/calendars.ts';
import type { AssignmentLevel, CalendarSummary, LaterChoice } from '@muster/shared/api/calendars.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { CI_CLASSES, MACHINE_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { call } from '../../api/client.ts';
import { useT, useWords } from '../../i18n/i18n.ts';
import { dayName } from '../../parts/availabilityPeriod.ts';
import { type ChosenCi, CiChooser } from '../../parts/CiChooser.tsx';
import { Button } from '../../ui/Button.tsx';
import { Dialog, DialogActions } from '../../ui/Dialog.tsx';
import { useErrorWords } from '../../ui/ErrorPanel.tsx';
import { DateField } from '../../ui/DateField.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { say } from '../../ui/Toast.tsx';
import { nowMs } from '../../util/clock.ts';
import { calendarTitle } from '../../parts/calendarTitle.ts';
import { LaterField, laterThan } from './LaterField.tsx';
import { assignmentsQuery } from './queries.ts';

const NONE = '';
const CLASSES = [...MACHINE_CLASSES, 'Service'] as const;
const CHOSEN_OF: Partial<Record<AssignmentLevel, string>> = { location: 'Location', service: 'Service' };

export function AssignDialog({
  calendars,
  onClose,
}: {
  calendars: readonly CalendarSummary[];
  onClose: () => void;
}) {
  const t = useT();
  const words = useWords();
  const errorWords = useErrorWords();
  const queries = useQueryClient();
  const [level, setLevel] = useState<AssignmentLevel>('class');
  const [ciClass, setCiClass] = useState<(typeof CLASSES)[number]>('Workstation');
  const [tag, setTag] = useState('');
  const [chosen, setChosen] = useState<readonly ChosenCi[]>([]);
  const [calendarId, setCalendarId] = useState(calendars[0]?.id ?? NONE);
  const [fromDay, setFromDay] = useState(() => dayName(nowMs()));
  const key = level === 'class' ? ciClass : level === 'tag' ? tag.trim() : (chosen[0]?.id ?? '');
  const [later, setLater] = useState<LaterChoice>('keep');
  const assignments = useQuery(assignmentsQuery).data ?? [];
  const planned = laterThan(
    assignments.filter((one) => one.level === level && one.key === key),
    fromDay,
  );
  const assign = useMutation({
    mutationFn: () =>
      call(ENDPOINTS.assignCalendar, {
        body: {
          level,
          key,
          calendarId: calendarId === NONE ? null : calendarId,
          fromDay,
          ...(planned.length === 0 ? {} : { later }),
        },
      }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['calendars'] });
      void queries.invalidateQueries({ queryKey: ['availability'] });
      say(t('calendars.assigned'));
      onClose();
    },
  });
  return (
    <Dialog open onClose={onClose} title={t('calendars.assign')} description={t('calendars.assignIntro')}>
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (key !== '') assign.mutate();
        }}
      >
        <SelectField
          label={t('calendars.key')}
          value={level}
          options={ASSIGNMENT_LEVELS.map((value) => ({ value, label: t(`calendars.level.${value}`) }))}
          onChange={(next) => {
            setLevel(next);
            setChosen([]);
          }}
        />
        {level === 'class' ? (
          <SelectField
            label={t('calendars.className')}
            value={ciClass}
            options={CLASSES.map((value) => ({ value, label: words(CI_CLASSES[value].title) }))}
            onChange={setCiClass}
          />
        ) : level === 'tag' ? (
          <TextField
            label={t('calendars.tagName')}
            value={tag}
            maxLength={64}
            onChange={(event) => setTag(event.target.value)}
          />
        ) : (
          <CiChooser
            label={t(`calendars.level.${level}`)}
            chosen={chosen}
            onChange={setChosen}
            max={1}
            {...(CHOSEN_OF[level] === undefined ? {} : { ofClass: CHOSEN_OF[level] })}
          />
        )}
        <SelectField
          label={t('calendars.calendar')}
          value={calendarId}
          options={[
            ...calendars.map((one) => ({ value: one.id, label: calendarTitle(one, t) })),
            { value: NONE, label: t('calendars.noneHere') },
          ]}
          onChange={setCalendarId}
        />
        <DateField
          type="date"
          label={t('calendars.fromDay')}
          help={t('calendars.fromDayHelp')}
          value={fromDay}
          onChange={(event) => event.target.value !== '' && setFromDay(event.target.value)}
        />
        <LaterField
          planned={planned.map((one) => ({
            fromDay: one.fromDay,
            what:
              one.calendarId === null
                ? t('calendars.noneHere')
                : calendarTitle({ id: one.calendarId, name: one.calendarName ?? one.calendarId }, t),
          }))}
          value={later}
          onChange={setLater}
        />
        {assign.error && (
          <p role="alert" className="font-medium text-crit-fg">
            {errorWords(assign.error)}
          </p>
        )}
        <DialogActions>
          <Button onClick={onClose}>{t('calendars.cancel')}</Button>
          <Button type="submit" look="primary" disabled={key === '' || assign.isPending}>
            {t('calendars.assign')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
