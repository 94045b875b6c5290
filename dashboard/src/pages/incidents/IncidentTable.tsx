/** Incidents in groups, one virtual table in the window's scroll; two-line rows where there is no room. */
import { Link } from '@tanstack/react-router';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import { type IncidentSummary, isOpen } from '@muster/shared/api/incidents.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Holder, NextDuty } from '../../parts/IncidentList.tsx';
import { useSentence } from '../../parts/sentence.ts';
import { cx } from '../../ui/cx.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { usePrinting } from '../../ui/printing.ts';
import { PriorityTag } from '../../ui/PriorityTag.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { Term } from '../../ui/Term.tsx';
import { INCIDENT_LOOKS } from '../../ui/states.ts';
import { useNow } from '../../util/clock.ts';
import { agoText, dateTimeText, millis, recordTime } from '../../util/time.ts';
import { ageTone, type Group, isOver } from './groups.ts';

const ROW_PX = 68;
const NARROW_ROW_PX = 112;
const GROUP_PX = 40;
const OVERSCAN_ROWS = 10;
const NARROW_PX = 820;
/** Paper takes so many rows; more is a file. */
const PRINTED_MAX = 1_000;

export interface IncidentGroup {
  readonly group: Group;
  readonly items: readonly IncidentSummary[];
  /** Beside the heading, where it is not the number of `items`. */
  readonly note?: string;
}

export interface IncidentTableProps {
  readonly groups: readonly IncidentGroup[];
  readonly chosen: ReadonlySet<string>;
  /** Missing: nothing can be chosen. */
  readonly onChoose?: ((ids: readonly string[], chosen: boolean) => void) | undefined;
}

type Item =
  | { readonly key: string; readonly group: IncidentGroup }
  | { readonly key: string; readonly incident: IncidentSummary };

export function IncidentTable(props: IncidentTableProps) {
  const t = useT();
  const frame = useRef<HTMLDivElement>(null);
  const { width, topPx } = usePlace(frame);
  const narrow = width < NARROW_PX;
  const printing = usePrinting();
  const items = props.groups.flatMap((group): Item[] => [
    { key: group.group, group },
    ...group.items.map((incident): Item => ({ key: incident.id, incident })),
  ]);
  const virtual = useWindowVirtualizer({
    count: items.length,
    estimateSize: (index) => ('group' in (items[index] ?? {}) ? GROUP_PX : narrow ? NARROW_ROW_PX : ROW_PX),
    getItemKey: (index) => items[index]?.key ?? index,
    overscan: OVERSCAN_ROWS,
    scrollMargin: topPx,
  });
  const seen = virtual.getVirtualItems();
  const beforePx = printing ? 0 : (seen[0]?.start ?? topPx) - topPx;
  const afterPx = printing ? 0 : virtual.getTotalSize() - ((seen.at(-1)?.end ?? topPx) - topPx);
  const shown = printing
    ? items.slice(0, PRINTED_MAX).map((item, index) => ({ item, index }))
    : seen.flatMap(({ index }) => (items[index] ? [{ item: items[index], index }] : []));
  return (
    <div ref={frame} className="min-w-0">
      {width > 0 && (
        <table
          aria-label={t('shell.nav.incidents')}
          aria-rowcount={items.length}
          className={cx('w-full border-collapse', narrow ? 'block' : 'table-fixed')}
        >
          {!narrow && <Head choosable={props.onChoose !== undefined} />}
          <tbody className={narrow ? 'block' : undefined}>
            <tr aria-hidden="true" className={narrow ? 'block' : undefined} style={{ height: beforePx }} />
            {shown.map(({ item, index }) => {
              const place = {
                'data-index': index,
                'aria-rowindex': index + 1,
                ref: virtual.measureElement,
              };
              return 'group' in item ? (
                <tr key={item.key} {...place} className={narrow ? 'block' : undefined}>
                  <GroupHead {...props} group={item.group} narrow={narrow} />
                </tr>
              ) : narrow ? (
                <tr key={item.key} {...place} className="block border-t border-line px-4 py-3">
                  <NarrowRow incident={item.incident} />
                </tr>
              ) : (
                <tr
                  key={item.key}
                  {...place}
                  data-incident={item.incident.id}
                  className={cx(
                    'h-17 border-t border-line',
                    props.chosen.has(item.incident.id)
                      ? 'bg-selected'
                      : 'hover:bg-hover focus-within:bg-hover',
                  )}
                >
                  <WideRow
                    incident={item.incident}
                    chosen={props.chosen.has(item.incident.id)}
                    onChoose={props.onChoose}
                  />
                </tr>
              );
            })}
            <tr aria-hidden="true" className={narrow ? 'block' : undefined} style={{ height: afterPx }} />
          </tbody>
        </table>
      )}
    </div>
  );
}

const CELL = 'px-2 py-2 align-middle first:pl-4 last:pr-4';
const COLUMNS = 7;

function Head({ choosable }: { choosable: boolean }) {
  const t = useT();
  const head =
    'sticky top-(--topbar) z-2 h-8 bg-surface px-2 text-left text-12 font-medium text-text-3 shadow-[inset_0_-1px_var(--line)] first:pl-4 last:pr-4';
  return (
    <>
      <colgroup>
        {choosable && <col className="w-10" />}
        <col className="w-17" />
        <col />
        <col className="w-[15%]" />
        <col className="w-30" />
        <col className="w-38" />
        <col className="w-36" />
        <col className="w-32" />
      </colgroup>
      <thead>
        <tr>
          {choosable && (
            <th scope="col" className={head}>
              <span className="sr-only">{t('incidents.choose')}</span>
            </th>
          )}
          {(['priority', 'title', 'ci', 'state', 'holder', 'clock', 'opened'] as const).map((column) => (
            <th key={column} scope="col" className={head}>
              {column === 'priority' ? (
                <Term id="priority">{t('incidents.column.priority')}</Term>
              ) : (
                t(`incidents.column.${column}`)
              )}
            </th>
          ))}
        </tr>
      </thead>
    </>
  );
}

function GroupHead({
  group: { group, items, note },
  narrow,
  chosen,
  onChoose,
}: IncidentTableProps & { group: IncidentGroup; narrow: boolean }) {
  const t = useT();
  const all = items.length > 0 && items.every(({ id }) => chosen.has(id));
  const ids = items.map(({ id }) => id);
  const word = t(`incidents.group.${group}`);
  return (
    <th
      scope="colgroup"
      colSpan={COLUMNS + (onChoose ? 1 : 0)}
      className={cx('h-10 border-t border-line bg-sunken px-4 text-left', narrow && 'flex items-center')}
    >
      <span className="flex items-center gap-2.5">
        {onChoose && !narrow && group !== 'over' && (
          <input
            type="checkbox"
            checked={all}
            aria-label={t('incidents.chooseAll', { group: word })}
            onChange={() => onChoose(ids, !all)}
            className="no-print size-4 accent-accent-solid"
          />
        )}
        <span className="text-13 font-semibold">{word}</span>
        <span className="text-12 font-normal text-text-3">{note ?? items.length}</span>
      </span>
    </th>
  );
}

function WideRow({
  incident,
  chosen,
  onChoose,
}: {
  incident: IncidentSummary;
  chosen: boolean;
  onChoose: IncidentTableProps['onChoose'];
}) {
  const t = useT();
  return (
    <>
      {onChoose && (
        <td className={CELL}>
          {/* Nothing can be done any more to what is over. */}
          {!isOver(incident.state) && (
            <input
              type="checkbox"
              checked={chosen}
              aria-label={t('incidents.chooseOne', { ref: incident.ref })}
              onChange={() => onChoose([incident.id], !chosen)}
              className="no-print size-4 align-middle accent-accent-solid"
            />
          )}
        </td>
      )}
      <td className={CELL}>
        <PriorityTag priority={incident.priority} />
      </td>
      <td className={CELL}>
        <TitleLink incident={incident} />
        <p className="flex flex-wrap gap-x-2 text-12 leading-[18px] text-text-3">
          {incident.ref}
          <Extent incident={incident} />
        </p>
      </td>
      <td className={cx(CELL, 'truncate')}>
        <MachineLink incident={incident} />
      </td>
      <td className={CELL}>
        <StatusBadge look={INCIDENT_LOOKS[incident.state]} />
      </td>
      <td className={CELL}>
        <Holder incident={incident} />
      </td>
      <td className={CELL}>
        <NextDuty incident={incident} />
      </td>
      <td className={cx(CELL, 'text-12')}>
        <Opened incident={incident} />
      </td>
    </>
  );
}

function NarrowRow({ incident }: { incident: IncidentSummary }) {
  return (
    <td className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-2" data-incident={incident.id}>
      <span className="pt-0.5">
        <PriorityTag priority={incident.priority} />
      </span>
      <span className="min-w-0">
        <TitleLink incident={incident} />
        <span className="mt-0.5 flex flex-wrap items-center gap-x-2 text-12 leading-[18px] text-text-2">
          <span>{incident.ref}</span>
          <MachineLink incident={incident} />
          <StatusBadge look={INCIDENT_LOOKS[incident.state]} />
          <Opened incident={incident} />
          <Extent incident={incident} />
        </span>
      </span>
      <span className="col-start-2 flex items-end justify-between gap-4">
        <span className="min-w-24">
          <NextDuty incident={incident} />
        </span>
        <span className="min-w-0">
          <Holder incident={incident} />
        </span>
      </span>
    </td>
  );
}

function TitleLink({ incident }: { incident: IncidentSummary }) {
  const sentence = useSentence();
  const title = sentence(incident.title);
  return (
    <Link
      to="/incidents/$ref"
      params={{ ref: incident.ref }}
      data-row-link=""
      title={title}
      className="line-clamp-3 text-14 leading-5 font-semibold break-words hover:text-accent tablet:line-clamp-2"
    >
      {title}
    </Link>
  );
}

/** How much it hits, and that nobody has it for too long. */
export function Extent({ incident: { affectedCount, unclaimedSince } }: { incident: IncidentSummary }) {
  const t = useT();
  return (
    <>
      {affectedCount > 1 && <span>{t('incidents.affectedCount', { count: affectedCount })}</span>}
      {unclaimedSince !== null && (
        <span className="flex items-center gap-1 font-medium text-crit-fg">
          <Glyph name="triangle" />
          {t('incidents.unclaimed')}
        </span>
      )}
    </>
  );
}

function MachineLink({ incident: { ci } }: { incident: IncidentSummary }) {
  if (ci === null) return null;
  return (
    <Link
      to="/machines/$id/live"
      params={{ id: ci.id }}
      title={ci.name}
      className="font-medium hover:text-accent"
    >
      {ci.name}
    </Link>
  );
}

const TONES = { calm: 'text-text-2', warn: 'text-warn-fg', crit: 'text-crit-fg font-medium' } as const;

/** Its age while it is open, then when it was opened. */
export function Opened({ incident }: { incident: IncidentSummary }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(10_000);
  const openedMs = millis(incident.openedAt);
  return (
    <time
      dateTime={incident.openedAt}
      title={dateTimeText(openedMs, language)}
      className={TONES[ageTone(incident, now)]}
    >
      {isOpen(incident.state) ? agoText(openedMs, now, t) : recordTime(openedMs, now, language)}
    </time>
  );
}

function usePlace(frame: React.RefObject<HTMLElement | null>): { width: number; topPx: number } {
  const [place, setPlace] = useState({ width: 0, topPx: 0 });
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const measure = () => {
      const { top, width } = element.getBoundingClientRect();
      const next = { width: Math.round(width), topPx: Math.round(top + window.scrollY) };
      setPlace((before) => (before.width === next.width && before.topPx === next.topPx ? before : next));
    };
    measure();
    // What stands above may grow and shrink too.
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [frame]);
  return place;
}
