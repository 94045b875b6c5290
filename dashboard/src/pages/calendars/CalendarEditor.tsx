/** One calendar: hours of the week, the year with its days that differ, import, from when it holds, versions, who uses it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { ALWAYS_CALENDAR_ID, CALENDAR_NAME_MAX } from '@muster/shared/api/calendars.ts';
import type { Calendar, CalendarDay, LaterChoice } from '@muster/shared/api/calendars.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../../api/client.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { dayName } from '../../parts/availabilityPeriod.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { ErrorPanel, useErrorWords } from '../../ui/ErrorPanel.tsx';
import { DateField } from '../../ui/DateField.tsx';
import { TextField } from '../../ui/Field.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { say } from '../../ui/Toast.tsx';
import { useNow } from '../../util/clock.ts';
import { dateTimeText, millis } from '../../util/time.ts';
import { calendarTitle } from '../../parts/calendarTitle.ts';
import { DayDialog } from './DayDialog.tsx';
import { rangesOf, rangesText } from './hoursText.ts';
import { ImportCard } from './ImportCard.tsx';
import { LaterField, laterThan } from './LaterField.tsx';
import { calendarQuery } from './queries.ts';
import { RemoveCalendar } from './RemoveCalendar.tsx';
import { YearCard } from './YearCard.tsx';

const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const;

export function CalendarEditor({ id }: { id: string }) {
  const t = useT();
  const query = useQuery(calendarQuery(id));
  return (
    <>
      <Link
        to="/settings/calendars"
        search={{}}
        className="inline-flex items-center text-12 text-accent coarse:min-h-11"
      >
        {t('calendars.back')}
      </Link>
      {query.data ? (
        <Editor key={query.data.revision} calendar={query.data} />
      ) : (
        <Card className="mt-3">
          {query.error ? (
            <ErrorPanel error={query.error} retry={() => void query.refetch()} />
          ) : (
            <SkeletonRows rows={8} />
          )}
        </Card>
      )}
    </>
  );
}

function Editor({ calendar }: { calendar: Calendar }) {
  const t = useT();
  const refusal = useActionRefusal('calendars.write');
  const errorWords = useErrorWords();
  const queries = useQueryClient();
  const navigate = useNavigate({ from: '/settings/calendars' });
  const search = useSearch({ from: `/app${'/settings/calendars'}` });
  const now = useNow(60_000);
  const today = dayName(now);
  const held = holding(calendar, today);
  const title = calendarTitle(calendar, t);
  const [name, setName] = useState(title);
  const [zone, setZone] = useState(held.zone ?? '');
  const [weekly, setWeekly] = useState(() => held.weekly.map((ranges) => rangesText(ranges)));
  const [days, setDays] = useState<readonly CalendarDay[]>(held.days);
  const [fromDay, setFromDay] = useState(today);
  const [note, setNote] = useState('');
  const [later, setLater] = useState<LaterChoice>('keep');
  const [editing, setEditing] = useState<string | null>(null);
  const fixed = calendar.id === ALWAYS_CALENDAR_ID;
  const locked = fixed || refusal !== undefined;
  const ranges = weekly.map(rangesOf);
  const wrong = ranges.some((each) => each === null) || name.trim() === '';
  const changed =
    name !== title ||
    zone !== (held.zone ?? '') ||
    weekly.some((text, i) => text !== rangesText(held.weekly[i] ?? [])) ||
    JSON.stringify(days) !== JSON.stringify(held.days);
  const planned = laterThan(calendar.versions, fromDay);
  const without = new Set(held.days.map((day) => JSON.stringify(day)));
  const daysBefore = days.filter((day) => day.day < fromDay && !without.has(JSON.stringify(day))).length;
  const year = search.year ?? Number(today.slice(0, 4));
  const put = (day: CalendarDay) =>
    setDays([...days.filter((one) => one.day !== day.day), day].sort((a, b) => (a.day < b.day ? -1 : 1)));
  const save = useMutation({
    mutationFn: () =>
      call(ENDPOINTS.updateCalendar, {
        params: { id: calendar.id },
        body: {
          // Saved as it is shown, a built-in one keeps the name that every language has its word for.
          name: name === title ? calendar.name : name.trim(),
          zone: zone.trim() === '' ? null : zone.trim(),
          weekly: ranges.map((each) => each ?? []),
          days: [...days],
          fromDay,
          ...(planned.length === 0 ? {} : { later }),
          note: note.trim(),
          revision: calendar.revision,
        },
      }),
    onSuccess: (answer) => {
      queries.setQueryData(calendarQuery(calendar.id).queryKey, answer);
      void queries.invalidateQueries({ queryKey: ['calendars', 'list'] });
      void queries.invalidateQueries({ queryKey: ['availability'] });
      say(t('calendars.saved'));
    },
  });
  return (
    <form
      className="mt-1 grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (changed && !wrong) save.mutate();
      }}
    >
      <div>
        <h1>{calendarTitle(calendar, t)}</h1>
        <p className="mt-1 text-text-2">
          {calendar.usedBy === 0
            ? t('calendars.unused')
            : t('calendars.usedByCount', { count: calendar.usedBy })}
        </p>
      </div>
      <Card title={t('calendars.weekly')} note={fixed ? undefined : t('calendars.weeklyHelp')}>
        <div className="grid gap-3 tablet:grid-cols-2">
          <TextField
            label={t('calendars.name')}
            value={name}
            maxLength={CALENDAR_NAME_MAX}
            disabled={locked}
            onChange={(event) => setName(event.target.value)}
          />
          <TextField
            label={t('calendars.zoneFixed')}
            help={t('calendars.zoneHelp')}
            value={zone}
            disabled={locked}
            onChange={(event) => setZone(event.target.value)}
          />
          {WEEKDAYS.map((weekday, i) => (
            <TextField
              key={weekday}
              label={t(`calendars.weekday.${weekday}`)}
              value={weekly[i] ?? ''}
              disabled={locked}
              spellCheck={false}
              error={ranges[i] === null ? t('calendars.rangeWrong') : undefined}
              onChange={(event) => setWeekly(weekly.with(i, event.target.value))}
            />
          ))}
        </div>
      </Card>
      {!fixed && (
        <>
          <YearCard
            year={year}
            today={today}
            worksOn={(weekday) => (ranges[weekday - 1]?.length ?? 0) > 0}
            days={days}
            locked={refusal}
            onYear={(next) =>
              void navigate({ search: (before) => ({ ...before, year: next }), replace: true })
            }
            onDay={setEditing}
            onRemove={(day) => setDays(days.filter((one) => one.day !== day))}
          />
          <ImportCard
            calendarId={calendar.id}
            locked={refusal}
            onTake={(taken) => {
              const byDay = new Map([...days, ...taken].map((one) => [one.day, one]));
              setDays([...byDay.values()].sort((a, b) => (a.day < b.day ? -1 : 1)));
              say(t('calendars.imported', { count: taken.length }));
            }}
          />
          <Card>
            <div className="grid items-start gap-3 tablet:grid-cols-2">
              <DateField
                type="date"
                label={t('calendars.fromDay')}
                help={t('calendars.fromDayHelp')}
                value={fromDay}
                disabled={locked}
                onChange={(event) => event.target.value !== '' && setFromDay(event.target.value)}
              />
              <TextField
                label={t('calendars.note')}
                value={note}
                maxLength={500}
                disabled={locked}
                onChange={(event) => setNote(event.target.value)}
              />
              <LaterField
                planned={(locked ? [] : planned).map((version) => ({
                  fromDay: version.fromDay,
                  what: version.note === '' ? version.by.replace(/^user:/, '') : version.note,
                }))}
                value={later}
                onChange={setLater}
              />
              {daysBefore > 0 && <p role="status">{t('calendars.daysBefore', { count: daysBefore })}</p>}
            </div>
            {save.error && (
              <p role="alert" className="mt-3 font-medium text-crit-fg">
                {errorWords(save.error)}
              </p>
            )}
            <div className="mt-4 flex flex-wrap gap-2">
              <Button
                type="submit"
                look="primary"
                disabledReason={refusal}
                disabled={!changed || wrong || save.isPending}
              >
                {t('calendars.save')}
              </Button>
              {!calendar.builtIn && <RemoveCalendar calendar={calendar} refusal={refusal} />}
            </div>
          </Card>
        </>
      )}
      <VersionsCard calendar={calendar} heldFrom={held.fromDay} today={today} />
      {editing !== null && (
        <DayDialog
          day={editing}
          held={days.find((one) => one.day === editing)}
          onClose={() => setEditing(null)}
          onTake={(day) => {
            put(day);
            setEditing(null);
          }}
        />
      )}
    </form>
  );
}

function holding({ versions }: Calendar, today: string): Calendar['versions'][number] {
  const held = versions.findLast(({ fromDay }) => fromDay === null || fromDay <= today) ?? versions[0];
  if (!held) throw new Error('a calendar has a version');
  return held;
}

function VersionsCard({
  calendar,
  heldFrom,
  today,
}: {
  calendar: Calendar;
  heldFrom: string | null;
  today: string;
}) {
  const t = useT();
  const language = useLanguage();
  if (calendar.versions.length < 2) return null;
  return (
    <Card title={t('calendars.versions')} flush>
      <ul>
        {calendar.versions.toReversed().map((version) => (
          <li key={version.fromDay ?? ''} className="border-t border-line px-4 py-2">
            <span className="font-medium">
              {version.fromDay === null
                ? t('calendars.fromEver')
                : t('calendars.versionFrom', { day: version.fromDay })}
            </span>
            {version.fromDay === heldFrom && (
              <span className="ml-2 text-12 text-text-3">{t('calendars.holdsNow')}</span>
            )}
            {version.fromDay !== null && version.fromDay > today && (
              <span className="ml-2 text-12 text-text-3">{t('calendars.planned')}</span>
            )}
            <span className="block text-12 text-text-2">
              {t('calendars.versionBy', {
                who: version.by.replace(/^user:/, ''),
                time: dateTimeText(millis(version.at), language, false),
              })}
              {version.note !== '' && ` · ${version.note}`}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
