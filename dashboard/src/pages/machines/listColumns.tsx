/** The columns of the machines list: how each is drawn, sorted and exported. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import type { MachineSummary } from '@muster/shared/api/machines.ts';
import { CI_CLASSES, isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { cx } from '../../ui/cx.ts';
import type { Column } from '../../ui/DataTable.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { classIcon, Icon } from '../../ui/Icon.tsx';
import { Meter } from '../../ui/Meter.tsx';
import { PresenceStrip } from '../../ui/PresenceStrip.tsx';
import { PriorityTag } from '../../ui/PriorityTag.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { ciLook } from '../../parts/ciLook.ts';
import { CAUSE_WORDS, SEVERITY_LOOKS, SHOWN_PRESENCES, TONE_TEXT } from '../../ui/states.ts';
import { useNow } from '../../util/clock.ts';
import { ABSENT, formatNumber } from '../../util/quantity.ts';
import { millis } from '../../util/time.ts';
import { stripQuery } from './listQueries.ts';
import { type MachineRow, seenText } from './rows.ts';

type Cell = string | number | null;

export interface ListColumn extends Column<MachineRow> {
  /** Raw values, times in UTC; nothing where a column is only drawn. */
  readonly exported: readonly { readonly header: string; readonly value: (row: MachineRow) => Cell }[];
}

/** Columns that are left out until somebody wants them. */
export const HIDDEN_AT_FIRST = ['system', 'owner', 'group', 'tags', 'address', 'serial', 'lifecycle'];

/** The word for a class of machine. */
export function useClassWord(): (ciClass: string) => string {
  const words = useWords();
  return useCallback(
    (ciClass) => (isMachineClass(ciClass) ? words(CI_CLASSES[ciClass].title) : ciClass),
    [words],
  );
}

export function useColumns(): readonly ListColumn[] {
  const t = useT();
  const classWord = useClassWord();
  return useMemo<ListColumn[]>(() => {
    const text = (
      id: string,
      header: string,
      valueOf: (ci: MachineSummary) => string | null,
      layout: Pick<ListColumn, 'widthPx' | 'priority' | 'grow'>,
    ): ListColumn => ({
      id,
      header,
      cell: ({ ci }) => <span className="text-text-2">{valueOf(ci) ?? ABSENT}</span>,
      sortValue: ({ ci }) => valueOf(ci),
      exported: [{ header, value: ({ ci }) => valueOf(ci) }],
      ...layout,
    });
    const percent = (id: 'cpu' | 'memory', header: string): ListColumn => ({
      id,
      header,
      cell: ({ values, tones }) => <MeterCell value={values[id]} tone={tones[id]} />,
      sortValue: ({ values }) => values[id],
      exported: [{ header, value: ({ values }) => values[id] }],
      widthPx: 98,
      priority: 3,
    });
    return [
      {
        id: 'state',
        header: t('machines.column.state'),
        term: 'presence',
        cell: ({ ci }) => (
          <span title={ci.cause === null ? undefined : t(CAUSE_WORDS[ci.cause])}>
            <StatusBadge look={ciLook(ci)} />
          </span>
        ),
        sortValue: ({ ci }) => SHOWN_PRESENCES.indexOf(ci.state),
        exported: [{ header: t('machines.column.state'), value: ({ ci }) => t(ciLook(ci).word) }],
        widthPx: 100,
        priority: 1,
      },
      {
        id: 'name',
        header: t('machines.column.name'),
        cell: ({ ci }) => <MachineLink ci={ci} />,
        sortValue: ({ ci }) => ci.name,
        exported: [
          { header: t('machines.column.name'), value: ({ ci }) => ci.name },
          { header: t('machines.class'), value: ({ ci }) => classWord(ci.class) },
        ],
        widthPx: 152,
        grow: 2,
        priority: 1,
      },
      text('user', t('machines.column.user'), (ci) => attribute(ci, 'lastUser'), {
        widthPx: 100,
        grow: 1,
        priority: 5,
      }),
      text('system', t('machines.column.system'), systemOf, { widthPx: 120, grow: 1, priority: 9 }),
      text('site', t('machines.column.place'), ({ site }) => site, { widthPx: 96, grow: 1, priority: 6 }),
      text('owner', t('machines.list.owner'), ({ owner }) => owner, { widthPx: 96, grow: 1, priority: 10 }),
      text('group', t('machines.list.group'), ({ supportGroup }) => supportGroup, {
        widthPx: 104,
        grow: 1,
        priority: 11,
      }),
      text(
        'tags',
        t('machines.list.tags'),
        ({ tags }) => (tags.length === 0 ? null : tags.join(t('ui.listSeparator'))),
        {
          widthPx: 120,
          grow: 1,
          priority: 12,
        },
      ),
      text('address', t('machines.list.address'), addressOf, { widthPx: 112, priority: 13 }),
      text('serial', t('machines.list.serial'), (ci) => attribute(ci, 'serial'), {
        widthPx: 112,
        priority: 14,
      }),
      text(
        'lifecycle',
        t('machines.list.lifecycle'),
        ({ lifecycle }) => t(`machines.changes.lifecycle.${lifecycle}`),
        {
          widthPx: 104,
          priority: 15,
        },
      ),
      percent('cpu', t('machines.column.cpu')),
      percent('memory', t('machines.column.memory')),
      {
        id: 'disk',
        header: t('machines.column.disk'),
        cell: ({ ci, values, tones }) => (
          <MeterCell
            value={values.disk}
            tone={tones.disk}
            instance={values.mount ?? ''}
            stale={ci.state !== 'up'}
          />
        ),
        sortValue: ({ values }) => values.disk,
        exported: [
          { header: t('machines.column.disk'), value: ({ values }) => values.disk },
          { header: t('machines.mount'), value: ({ values }) => values.mount },
        ],
        widthPx: 140,
        grow: 1,
        priority: 3,
      },
      {
        id: 'day',
        header: t('machines.column.day'),
        cell: ({ ci }) => <DayStrip ciId={ci.id} />,
        exported: [],
        widthPx: 104,
        priority: 8,
      },
      {
        id: 'seen',
        header: t('machines.column.seen'),
        align: 'right',
        cell: ({ ci }) => <Seen ci={ci} />,
        sortValue: ({ ci }) => millis(ci.lastSeenAt),
        exported: [{ header: t('machines.list.seenUtc'), value: ({ ci }) => ci.lastSeenAt }],
        widthPx: 112,
        priority: 4,
      },
      {
        id: 'incident',
        header: t('machines.column.incident'),
        cell: (row) => <IncidentCell row={row} />,
        sortValue: ({ incident }) => incident?.priority ?? null,
        exported: [
          { header: t('machines.column.incident'), value: ({ incident }) => incident?.ref ?? null },
          { header: t('machines.list.priority'), value: ({ incident }) => incident?.priority ?? null },
        ],
        widthPx: 118,
        priority: 2,
      },
    ];
  }, [t, classWord]);
}

export function attribute(ci: MachineSummary, name: string): string | null {
  const value = ci.attributes?.[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

function systemOf(ci: MachineSummary): string | null {
  const words = [attribute(ci, 'osName'), attribute(ci, 'osVersion')].filter((word) => word !== null);
  return words.length === 0 ? null : words.join(' ');
}

function addressOf(ci: MachineSummary): string | null {
  const addresses = ci.attributes?.['ipAddresses'];
  const first: unknown = Array.isArray(addresses) ? addresses[0] : undefined;
  return typeof first === 'string' ? first : null;
}

function MachineLink({ ci }: { ci: MachineSummary }) {
  const classWord = useClassWord();
  return (
    <Link
      to="/machines/$id/live"
      params={{ id: ci.id }}
      data-row-link=""
      className="flex min-w-0 items-center gap-2 font-medium hover:text-accent"
    >
      <span title={classWord(ci.class)} className="text-text-3">
        <Icon name={classIcon(ci.class)} size={14} />
      </span>
      <span className="truncate">{ci.name}</span>
    </Link>
  );
}

interface MeterCellProps {
  readonly value: number | null;
  readonly tone: 'warn' | 'crit' | undefined;
  /** Stands beside the value. */
  readonly instance?: string;
  readonly stale?: boolean;
}

function MeterCell({ value, tone, instance, stale = false }: MeterCellProps) {
  const t = useT();
  const language = useLanguage();
  if (value === null) return <span className="inline-block w-[52px] text-right text-text-3">{ABSENT}</span>;
  const look = tone && SEVERITY_LOOKS[tone === 'crit' ? 'critical' : 'warning'];
  return (
    <span className={cx('flex items-center gap-2', stale && 'text-text-3')}>
      <span
        className={cx(
          'flex w-[52px] flex-none items-center justify-end gap-1',
          look && !stale && cx('font-medium', TONE_TEXT[look.tone]),
        )}
      >
        {look && <Glyph name={look.glyph} />}
        {look && <span className="sr-only">{t(look.word)}</span>}
        {formatNumber(value, 1, language)}
      </span>
      <Meter percent={value} tone={stale ? undefined : tone} stale={stale} className="w-7 flex-none" />
      {instance !== undefined && (
        <span title={instance} className="truncate text-12 text-text-3">
          {instance}
        </span>
      )}
    </span>
  );
}

function DayStrip({ ciId }: { ciId: string }) {
  const { data } = useQuery(stripQuery(ciId));
  if (data == null) return <span className="block h-2.5 rounded-sm bg-sunken" />;
  return <PresenceStrip size="small" segments={data.segments} fromMs={data.fromMs} toMs={data.toMs} />;
}

/** A machine that is up is heard all the time; the list is told when that ends, not of each sign of life. */
function Seen({ ci }: { ci: MachineSummary }) {
  const t = useT();
  return (
    <span className="text-text-3">{ci.state === 'up' ? t('machines.list.now') : <SeenAgo ci={ci} />}</span>
  );
}

/** Ticks; rows of machines that are up need not. */
function SeenAgo({ ci }: { ci: MachineSummary }) {
  return seenText(ci, useNow(5_000), useT());
}

function IncidentCell({ row: { incident } }: { row: MachineRow }) {
  if (incident === undefined) return null;
  return (
    <Link
      to="/incidents/$ref"
      params={{ ref: incident.ref }}
      className="inline-flex items-center gap-2 text-12 text-text-2 hover:text-accent"
    >
      <PriorityTag priority={incident.priority} />
      {incident.ref}
    </Link>
  );
}

/** Two lines of a row on a phone. */
export function NarrowRow({ row: { ci, values, incident } }: { row: MachineRow }) {
  const language = useLanguage();
  const t = useT();
  const number = (value: number | null) => (value === null ? ABSENT : formatNumber(value, 0, language));
  const facts = [
    attribute(ci, 'lastUser'),
    ci.site,
    values.cpu === null
      ? null
      : t('machines.narrowLoad', { cpu: number(values.cpu), memory: number(values.memory) }),
  ].filter((each) => each !== null);
  return (
    <Link
      to="/machines/$id/live"
      params={{ id: ci.id }}
      data-row-link=""
      className="flex h-full min-w-0 flex-col justify-center gap-1"
    >
      <span className="flex min-w-0 items-center gap-2">
        <StatusBadge look={ciLook(ci)} />
        <span className="min-w-0 flex-1 truncate font-medium">{ci.name}</span>
        {incident && <PriorityTag priority={incident.priority} />}
        <Seen ci={ci} />
      </span>
      <span className="truncate text-12 text-text-3">{facts.join(' · ')}</span>
    </Link>
  );
}
