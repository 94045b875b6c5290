/** Groups of machines with their figures, each open to its machines, the worst first; without groups the machines themselves. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { AvailabilityFigures, AvailabilityFormula } from '@muster/shared/api/availability.ts';
import type { GroupAvailability, MachineAvailability } from '@muster/shared/api/fleet-availability.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { GroupName } from '../../parts/AvailabilityRows.tsx';
import type { Period } from '../../parts/availabilityPeriod.ts';
import {
  type AvailabilityFilter,
  availabilityMachinesQuery,
  readAllAvailability,
} from '../../parts/availabilityQueries.ts';
import { DayShares } from '../../parts/DayShares.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { CsvButton } from '../../ui/CsvButton.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { FilterTag } from '../../ui/FilterTag.tsx';
import { classIcon, Icon } from '../../ui/Icon.tsx';
import { MorePages } from '../../ui/MorePages.tsx';
import { PausedSearch } from '../../ui/PausedSearch.tsx';
import { SelectLine } from '../../ui/SelectLine.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { saveCsv } from '../../util/csv.ts';
import { ABSENT, formatNumber, percentText } from '../../util/quantity.ts';
import { wholeSpanText } from '../../util/time.ts';
import { csvRows } from './csvRows.ts';
import { GROUPINGS, SORTS, type FleetAvailabilitySearch } from './search.ts';

/** Machines shown of an open group at first, and with each step. */
const MACHINES_STEP = 50;

export interface GroupsCardProps {
  readonly groups: readonly GroupAvailability[] | undefined;
  readonly fleet: GroupAvailability | undefined;
  readonly days: Days;
  readonly period: Period;
  readonly by: (typeof GROUPINGS)[number];
  readonly filter: AvailabilityFilter;
  readonly search: FleetAvailabilitySearch;
  /** By which formula, with or without judgements. */
  readonly view: { readonly formula: AvailabilityFormula; readonly reclassified: 'yes' | 'no' };
  readonly set: (change: Partial<FleetAvailabilitySearch>) => void;
}

type Days = readonly { readonly from: string; readonly to: string }[];

export function GroupsCard(props: GroupsCardProps) {
  const { groups, fleet, period, by, search, set, filter, view } = props;
  const t = useT();
  const saveMachines = async () =>
    saveCsv(
      'availability',
      csvRows(await readAllAvailability({ period, ...filter, ...view, sort: search.sort ?? 'worst' })),
    );
  const filtered = Object.values(filter).some((value) => value !== undefined);
  return (
    <Card
      title={t('availability.machines')}
      note={fleet && t('availability.machineCount', { count: fleet.machines })}
      action={<CsvButton save={saveMachines} disabled={!fleet || fleet.machines === 0} />}
      flush
      className="@container"
    >
      <div className="no-print flex flex-wrap items-center gap-2 px-4 pb-3">
        <div className="flex w-full tablet:w-60">
          <PausedSearch label={t('availability.filterName')} value={search.q} onChange={(q) => set({ q })} />
        </div>
        <SelectLine
          label={t('availability.groupBy')}
          value={by}
          options={GROUPINGS.map((value) => ({ value, label: t(`availability.by.${value}`) }))}
          onChange={(value) => set({ by: value === 'class' ? undefined : value, open: undefined })}
        />
        <SelectLine
          label={t('availability.order')}
          value={search.sort ?? 'worst'}
          options={SORTS.map((value) => ({ value, label: t(`availability.sort.${value}`) }))}
          onChange={(value) => set({ sort: value === 'worst' ? undefined : value })}
        />
        <ActiveFilters {...props} />
      </div>
      {fleet === undefined || groups === undefined ? (
        <SkeletonRows rows={6} />
      ) : fleet.machines === 0 ? (
        <EmptyState
          action={
            filtered && (
              <Button
                onClick={() => set({ class: undefined, site: undefined, tag: undefined, q: undefined })}
              >
                {t('ui.clearFilters')}
              </Button>
            )
          }
        >
          {t(filtered ? 'availability.noneMatch' : 'availability.noneExpected')}
        </EmptyState>
      ) : (
        <div role="table" aria-label={t('availability.machines')} className="border-t border-line">
          <HeadRow />
          {by === 'none' ? (
            <Machines {...props} filter={filter} indent={false} />
          ) : (
            groups.map((group) => <Group key={group.key ?? ''} {...props} by={by} group={group} />)
          )}
        </div>
      )}
    </Card>
  );
}

function ActiveFilters({ search, set }: GroupsCardProps) {
  const active = [
    ['class', search.class],
    ['site', search.site],
    ['tag', search.tag],
  ] as const;
  return active.map(
    ([key, value]) =>
      value !== undefined && (
        <FilterTag key={key} onRemove={() => set({ [key]: undefined })}>
          <GroupName groupBy={key} value={value} />
        </FilterTag>
      ),
  );
}

/** Name, strip, figure, coverage, down, outages: the same columns for head, groups and machines. */
const COLUMNS =
  'grid grid-cols-[minmax(0,1fr)_84px] items-center gap-x-3 px-4 @2xl:grid-cols-[minmax(0,1.3fr)_minmax(0,1.6fr)_84px_84px] @4xl:grid-cols-[minmax(0,1.3fr)_minmax(0,1.8fr)_88px_88px_104px_72px]';
const FROM_MIDDLE = '@max-2xl:hidden';
const FROM_WIDE = '@max-4xl:hidden';

function HeadRow() {
  const t = useT();
  const cell = 'text-12 font-medium text-text-3';
  return (
    <div role="row" className={cx(COLUMNS, 'h-8')}>
      <span role="columnheader" className={cell}>
        {t('availability.column.name')}
      </span>
      <span role="columnheader" className={cx(cell, FROM_MIDDLE)}>
        {t('availability.column.days')}
      </span>
      <span role="columnheader" className={cx(cell, 'text-right')}>
        {t('availability.available')}
      </span>
      <span role="columnheader" className={cx(cell, 'text-right', FROM_MIDDLE)}>
        {t('availability.coverage')}
      </span>
      <span role="columnheader" className={cx(cell, 'text-right', FROM_WIDE)}>
        {t('availability.down')}
      </span>
      <span role="columnheader" className={cx(cell, 'text-right', FROM_WIDE)}>
        {t('availability.outages')}
      </span>
    </div>
  );
}

function Group({
  group,
  ...props
}: GroupsCardProps & { group: GroupAvailability; by: 'class' | 'site' | 'tag' }) {
  const { by, search, set, filter, days } = props;
  const t = useT();
  const key = group.key ?? '';
  const open = search.open === key;
  return (
    <>
      <div role="row" className={cx(COLUMNS, 'min-h-11 border-t border-line py-1', open && 'bg-selected')}>
        <span role="cell" className="min-w-0">
          <button
            type="button"
            aria-expanded={open}
            onClick={() => set({ open: open ? undefined : key })}
            className="flex max-w-full items-center gap-2 text-left font-medium hover:text-accent coarse:min-h-11"
          >
            <Icon name="chevron" size={14} className={cx('no-print text-text-3', !open && '-rotate-90')} />
            <span className="min-w-0">
              <span className="block truncate">
                <GroupName groupBy={by} value={group.key} />
              </span>
              <span className="block text-12 font-normal text-text-3">
                {t('availability.machineCount', { count: group.machines })}
              </span>
            </span>
          </button>
        </span>
        <FigureCells figures={group} days={days} shares={group.days} />
      </div>
      {open && <Machines {...props} filter={{ ...filter, [by]: key }} indent />}
    </>
  );
}

function Machines({ period, filter, search, view, days, indent }: GroupsCardProps & { indent: boolean }) {
  const t = useT();
  const answer = useInfiniteQuery(
    availabilityMachinesQuery({
      period,
      ...filter,
      ...view,
      sort: search.sort ?? 'worst',
      limit: MACHINES_STEP,
    }),
  );
  if (answer.data === undefined)
    return (
      <Across>
        {answer.error ? (
          <div className="border-t border-line px-4">
            <ErrorPanel error={answer.error} retry={() => void answer.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={3} />
        )}
      </Across>
    );
  const items = answer.data.pages.flatMap((page) => page.items);
  return (
    <>
      {items.map((item) => (
        <MachineRow key={item.ciId} item={item} days={days} indent={indent} />
      ))}
      <Across>
        <MorePages pages={answer} label={t('availability.moreMachines')} />
      </Across>
    </>
  );
}

/** What stands among the rows and is none: a table holds nothing but rows of cells. */
function Across({ children }: { children: React.ReactNode }) {
  return (
    <div role="row">
      <div role="cell">{children}</div>
    </div>
  );
}

function MachineRow({ item, days, indent }: { item: MachineAvailability; days: Days; indent: boolean }) {
  return (
    <div role="row" className={cx(COLUMNS, 'min-h-(--row) border-t border-line py-1 hover:bg-hover')}>
      <span role="cell" className={cx('min-w-0', indent && 'pl-[22px]')}>
        <Link
          to="/machines/$id/availability"
          params={{ id: item.ciId }}
          className="flex min-w-0 items-center gap-2 hover:text-accent coarse:min-h-11"
        >
          <span className="text-text-3">
            <Icon name={classIcon(item.ciClass)} size={14} />
          </span>
          <span className="truncate">{item.ciName}</span>
          {item.site !== null && (
            <span className="truncate text-12 text-text-3 @max-2xl:hidden">{item.site}</span>
          )}
        </Link>
      </span>
      <FigureCells figures={item} days={days} shares={item.days} />
    </div>
  );
}

function FigureCells({
  figures,
  days,
  shares,
}: {
  figures: AvailabilityFigures;
  days: Days;
  shares: GroupAvailability['days'];
}) {
  const t = useT();
  const language = useLanguage();
  const percent = (value: number | null) => (value === null ? ABSENT : percentText(value, language));
  const span = wholeSpanText(figures.downSeconds * SECOND_MS, t);
  return (
    <>
      <span role="cell" className={FROM_MIDDLE}>
        {days.length > 1 && <DayShares days={days} shares={shares} />}
      </span>
      <span role="cell" className="text-right font-medium">
        {percent(figures.availability)}
        <span className="block text-11 font-normal text-text-3 @2xl:hidden">
          {t('availability.coverageOf', { percent: percent(figures.coverage) })}
        </span>
      </span>
      <span role="cell" className={cx('text-right text-text-2', FROM_MIDDLE)}>
        {percent(figures.coverage)}
      </span>
      <span role="cell" className={cx('text-right text-text-2', FROM_WIDE)}>
        {figures.downSeconds > 0 ? span : ABSENT}
      </span>
      <span role="cell" className={cx('text-right text-text-2', FROM_WIDE)}>
        {figures.outages > 0 ? formatNumber(figures.outages, 0, language) : ABSENT}
      </span>
    </>
  );
}
