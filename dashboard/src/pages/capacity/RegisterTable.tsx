/** The rows of the register on one day axis; a row opens to its chart and facts. */
import type { CapacityRow } from '@muster/shared/api/capacity.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import {
  CapacityNote,
  capacityTone,
  DaysToFull,
  daysText,
  growthText,
  intervalText,
  usedTone,
} from '../../parts/capacityWords.tsx';
import { cx } from '../../ui/cx.ts';
import { Icon } from '../../ui/Icon.tsx';
import { dayMarks, IntervalAxis } from '../../ui/IntervalAxis.tsx';
import { Meter } from '../../ui/Meter.tsx';
import { Quantity } from '../../ui/Quantity.tsx';
import { SEVERITY_LOOKS, TONE_TEXT } from '../../ui/states.ts';
import { Sparkline } from '../../ui/Sparkline.tsx';
import { Term } from '../../ui/Term.tsx';
import { ABSENT, formatNumber } from '../../util/quantity.ts';
import { axisDays } from './register.ts';
import { TrendPanel } from './TrendPanel.tsx';

export interface RegisterTableProps {
  readonly rows: readonly CapacityRow[];
  /** Key of the open row. */
  readonly open: string | undefined;
  readonly onOpen: (key: string | undefined) => void;
}

/** Resource, in use, spark, growth, days, interval, back-test. */
const COLUMNS =
  'grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 px-4 @3xl:grid-cols-[minmax(0,1.4fr)_104px_100px_64px_minmax(0,1.4fr)] @5xl:grid-cols-[minmax(0,1.4fr)_104px_84px_100px_64px_minmax(0,1.6fr)_104px]';
const FROM_MIDDLE = '@max-3xl:hidden';
const FROM_WIDE = '@max-5xl:hidden';

export function rowKey(row: Pick<CapacityRow, 'ciId' | 'instance'>): string {
  return `${row.ciId} ${row.instance}`;
}

export function RegisterTable({ rows, open, onOpen }: RegisterTableProps) {
  const t = useT();
  const maxDays = axisDays(rows);
  return (
    <div className="@container">
      <div role="table" aria-label={t('capacity.fileSystems')} className="border-t border-line">
        <Head maxDays={maxDays} />
        {rows.map((row) => {
          const key = rowKey(row);
          return (
            <Row
              key={key}
              row={row}
              maxDays={maxDays}
              open={open === key}
              onToggle={() => onOpen(open === key ? undefined : key)}
            />
          );
        })}
      </div>
    </div>
  );
}

function Head({ maxDays }: { maxDays: number }) {
  const t = useT();
  const cell = 'text-12 font-medium text-text-3';
  const marks = dayMarks(maxDays);
  return (
    <div role="row" className={cx(COLUMNS, 'min-h-10 py-1')}>
      <span role="columnheader" className={cell}>
        {t('capacity.column.resource')}
      </span>
      <span role="columnheader" className={cx(cell, '@max-3xl:text-right')}>
        <span className="@3xl:hidden">{t('capacity.column.days')}</span>
        <span className={FROM_MIDDLE}>{t('capacity.column.used')}</span>
      </span>
      <span role="columnheader" className={cx(cell, FROM_WIDE)}>
        {t('capacity.column.spark')}
      </span>
      <span role="columnheader" className={cx(cell, 'text-right', FROM_MIDDLE)}>
        {t('capacity.column.growth')}
      </span>
      <span role="columnheader" className={cx(cell, 'text-right', FROM_MIDDLE)}>
        <Term id="daysToThreshold">{t('capacity.column.days')}</Term>
      </span>
      <span role="columnheader" className={cx(cell, FROM_MIDDLE)}>
        <Term id="forecast">{t('capacity.column.interval')}</Term>
        <span aria-hidden="true" className="relative block h-4 text-11 font-normal">
          {marks.map((mark) => (
            <span
              key={mark}
              style={{ left: `${(100 * mark) / maxDays}%` }}
              className={cx(
                'absolute',
                mark > 0 && (mark < maxDays ? '-translate-x-1/2' : '-translate-x-full'),
              )}
            >
              {mark}
            </span>
          ))}
        </span>
      </span>
      <span role="columnheader" className={cx(cell, 'text-right', FROM_WIDE)}>
        <Term id="backTest">{t('capacity.column.backTest')}</Term>
      </span>
    </div>
  );
}

interface RowProps {
  readonly row: CapacityRow;
  readonly maxDays: number;
  readonly open: boolean;
  readonly onToggle: () => void;
}

function Row({ row, maxDays, open, onToggle }: RowProps) {
  const t = useT();
  const language = useLanguage();
  const isTold = row.state === 'forecast' && row.full !== null;
  return (
    <>
      <div
        role="row"
        className={cx(COLUMNS, 'min-h-11 border-t border-line py-1', open ? 'bg-selected' : 'hover:bg-hover')}
      >
        <span role="cell" className="min-w-0">
          <button
            type="button"
            aria-expanded={open}
            onClick={onToggle}
            className="flex max-w-full items-center gap-2 text-left hover:text-accent coarse:min-h-11"
          >
            <Icon name="chevron" size={14} className={cx('no-print text-text-3', !open && '-rotate-90')} />
            <span className="min-w-0 truncate">
              <span className="font-medium">{row.ciName}</span>{' '}
              <span className="text-text-3">{row.instance}</span>
            </span>
          </button>
        </span>
        <span role="cell" className="@max-3xl:text-right">
          <span className={FROM_MIDDLE}>
            <InUse row={row} />
          </span>
          <span className="flex flex-col items-end @3xl:hidden">
            {row.full !== null && <DaysToFull row={row} />}
            <span className="text-12 text-text-3">{formatNumber(row.utilisation, 1, language)} %</span>
          </span>
        </span>
        <span role="cell" className={FROM_WIDE}>
          <Sparkline values={row.spark} min={sparkMin(row.spark)} max={sparkMax(row.spark)} />
        </span>
        <span role="cell" className={cx('text-right text-12 text-text-2', FROM_MIDDLE)}>
          {growthText(row, language)}
        </span>
        <span role="cell" className={cx('text-right', FROM_MIDDLE)}>
          <DaysToFull row={row} />
        </span>
        <span role="cell" className={cx('min-w-0 text-12', FROM_MIDDLE)}>
          {isTold && row.full ? (
            <>
              <IntervalAxis {...row.full} maxDays={maxDays} tone={capacityTone(row)} />
              <span className="sr-only">{intervalText(row.full, t, language)}</span>
            </>
          ) : (
            <CapacityNote row={row} />
          )}
        </span>
        <span role="cell" className={cx('text-right text-12 text-text-2', FROM_WIDE)}>
          {row.backTestDays === null
            ? ABSENT
            : t('capacity.backTest', { days: daysText(row.backTestDays, language) })}
        </span>
        {!isTold && (
          <span className="col-span-2 truncate pl-[22px] text-12 @3xl:hidden">
            <CapacityNote row={row} />
          </span>
        )}
      </div>
      {open && (
        <div role="row">
          <div role="cell" aria-colspan={7}>
            <TrendPanel row={row} />
          </div>
        </div>
      )}
    </>
  );
}

function InUse({ row }: { row: CapacityRow }) {
  const tone = usedTone(row);
  const look = tone && SEVERITY_LOOKS[tone === 'crit' ? 'critical' : 'warning'];
  return (
    <span className="flex items-center gap-2">
      <span className={cx('w-[52px] text-right', look && cx('font-medium', TONE_TEXT[look.tone]))}>
        <Quantity value={row.utilisation} unit="%" />
      </span>
      <Meter percent={row.utilisation} tone={tone} tick={row.threshold?.percent} className="flex-1" />
    </span>
  );
}

/** A line of one row shows its own shape: a tenth of room around what it holds, at least five percent high. */
function sparkMin(values: CapacityRow['spark']): number {
  return Math.max(0, Math.min(100, ...values.filter((value) => value !== null)) - 2.5);
}

function sparkMax(values: CapacityRow['spark']): number {
  return Math.min(100, Math.max(0, ...values.filter((value) => value !== null)) + 2.5);
}
