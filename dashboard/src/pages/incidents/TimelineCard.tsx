/** Everything that happened to the incident, newest first, with a box for notes. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { IncidentDetail } from '@muster/shared/api/incidents.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { actorWord } from '../../parts/changes.ts';
import { useIncidentRefusal, useNote, usePersonName } from '../../parts/incidentActions.ts';
import { useSentence } from '../../parts/sentence.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Icon, type IconName } from '../../ui/Icon.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { useNow } from '../../util/clock.ts';
import { dateTimeText, millis, recordTime } from '../../util/time.ts';
import { timelineQuery } from './queries.ts';

type Entry = IncidentDetail['timeline'][number];
const NOTE_LINES = 4;
const NOTE_CHARACTERS = 320;
const WHO = ['all', 'people', 'machine'] as const;

const ICONS: Readonly<Record<string, IconName>> = {
  opened: 'alert',
  reopened: 'alert',
  'alert-added': 'alert',
  'alert-resolved': 'check',
  transition: 'change',
  note: 'note',
  assigned: 'user',
  evidence: 'pulse',
  notified: 'bell',
  'notify-failed': 'bell',
  priority: 'rules',
  merged: 'network',
  split: 'network',
  linked: 'network',
  unclaimed: 'bell',
  filed: 'table',
};

export function TimelineCard({
  incident,
  noteRef,
}: {
  incident: IncidentDetail;
  noteRef: React.RefObject<HTMLTextAreaElement | null>;
}) {
  const t = useT();
  const now = useNow(60_000);
  const [who, setWho] = useState<(typeof WHO)[number]>('all');
  const { entries, older, reading, error, retry } = useEntries(incident, who);
  return (
    <Card
      title={t('incidents.timeline')}
      action={
        <Segmented
          label={t('incidents.who')}
          value={who}
          options={WHO.map((value) => ({ value, label: t(`incidents.whoIs.${value}`) }))}
          onChange={setWho}
        />
      }
    >
      <NoteBox incident={incident} noteRef={noteRef} />
      {entries.length > 0 ? (
        <ol className="mt-4 grid gap-3">
          {entries.map((entry) => (
            <TimelineRow key={entry.id} entry={entry} nowMs={now} />
          ))}
        </ol>
      ) : (
        !reading && error === null && <p className="mt-3 text-text-2">{t('incidents.timelineEmpty')}</p>
      )}
      {error !== null && <ErrorPanel error={error} retry={retry} />}
      {older && error === null && (
        <Button size="small" disabled={reading} onClick={older} className="no-print mt-3">
          {t('incidents.olderEntries')}
        </Button>
      )}
    </Card>
  );
}

interface Entries {
  /** Newest first. */
  readonly entries: readonly Entry[];
  /** Reads more; undefined: that is all. */
  readonly older: (() => void) | undefined;
  readonly reading: boolean;
  readonly error: Error | null;
  readonly retry: () => void;
}

/** The incident brings its newest entries along; older ones, and those of one side only, are read when asked for. */
function useEntries(incident: IncidentDetail, who: (typeof WHO)[number]): Entries {
  const { id, timeline, timelineCursor } = incident;
  // All the way back at once could be thousands of lines of a flapping machine.
  const [reachedBack, setReachedBack] = useState<string | null>(null);
  const whole = timelineCursor === null;
  const from = who === 'all' ? { cursor: timelineCursor ?? undefined } : { by: who };
  const asks = !whole && (who !== 'all' || reachedBack === timelineCursor);
  const pages = useInfiniteQuery({ ...timelineQuery(id, from), enabled: asks });
  const read = asks ? (pages.data?.pages.flatMap(({ items }) => items) ?? []) : [];
  const head = timeline.filter((entry) => who === 'all' || byPerson(entry) === (who === 'people'));
  const entries = [...new Map([...head, ...read].map((entry) => [entry.id, entry])).values()].sort(
    (a, b) => b.at.localeCompare(a.at) || (a.id < b.id ? 1 : -1),
  );
  const older = whole
    ? undefined
    : !asks
      ? () => setReachedBack(timelineCursor)
      : pages.hasNextPage
        ? () => void pages.fetchNextPage()
        : undefined;
  return {
    entries,
    older,
    reading: pages.isFetching,
    error: asks ? pages.error : null,
    retry: () => void (pages.isFetchNextPageError ? pages.fetchNextPage() : pages.refetch()),
  };
}

function byPerson(entry: Entry): boolean {
  return entry.actor.startsWith('user:') || entry.actor.startsWith('token:');
}

function TimelineRow({ entry, nowMs }: { entry: Entry; nowMs: number }) {
  const t = useT();
  const sentence = useSentence();
  const language = useLanguage();
  const nameOf = usePersonName();
  const atMs = millis(entry.at);
  const crit = entry.kind === 'opened' || entry.kind === 'reopened' || entry.kind === 'notify-failed';
  return (
    <li className="grid grid-cols-[auto_24px_minmax(0,1fr)] items-start gap-x-2.5">
      <time
        dateTime={entry.at}
        title={dateTimeText(atMs, language)}
        className="min-w-10 pt-[3px] text-right text-12 text-text-3"
      >
        {recordTime(atMs, nowMs, language)}
      </time>
      <span
        className={cx(
          'grid size-6 place-items-center rounded-full border',
          crit ? 'border-crit-solid text-crit-fg' : 'border-line text-text-2',
        )}
      >
        <Icon name={ICONS[entry.kind] ?? 'note'} size={13} />
      </span>
      <span className="min-w-0 pt-0.5">
        <Folded text={sentence(entry.text)} className={cx(crit && 'font-medium')} />
        {byPerson(entry) && (
          <span className="ml-2 text-12 text-text-3">{nameOf(actorWord(entry.actor, t))}</span>
        )}
      </span>
    </li>
  );
}

/** A page of log that somebody pasted must not push everything else away. */
function Folded({ text, className }: { text: string; className: string }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const long = text.length > NOTE_CHARACTERS || text.split('\n').length > NOTE_LINES;
  return (
    <>
      <span
        className={cx(
          'break-words whitespace-pre-wrap',
          className,
          long && !open && 'line-clamp-4 print:line-clamp-none',
        )}
      >
        {text}
      </span>
      {long && (
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="no-print text-12 text-accent hover:underline coarse:min-h-11"
        >
          {t(open ? 'incidents.noteFold' : 'incidents.noteUnfold')}
        </button>
      )}
    </>
  );
}

function NoteBox({
  incident,
  noteRef,
}: {
  incident: IncidentDetail;
  noteRef: React.RefObject<HTMLTextAreaElement | null>;
}) {
  const t = useT();
  const refusal = useIncidentRefusal();
  const add = useNote(incident);
  const [note, setNote] = useState('');
  const save = () => {
    if (note.trim() !== '' && refusal === undefined) add.mutate(note, { onSuccess: () => setNote('') });
  };
  return (
    <form
      className="no-print flex items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <textarea
        ref={noteRef}
        rows={note.includes('\n') || note.length > 80 ? 3 : 1}
        aria-label={t('incidents.noteLabel')}
        placeholder={t('incidents.noteLabel')}
        maxLength={4000}
        value={note}
        onChange={(event) => setNote(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save();
        }}
        className="min-h-(--control) min-w-0 flex-1 resize-y rounded-md border border-line-strong bg-surface px-2.5 py-1.5 leading-[1.4] placeholder:text-text-3 max-tablet:text-16"
      />
      <Button type="submit" disabled={note.trim() === '' || add.isPending} disabledReason={refusal}>
        {t('incidents.noteSave')}
      </Button>
    </form>
  );
}
