/** The figures of a period, each with what it rests on. */
import type { z } from 'zod';
import type { availabilityEndpoints } from '@muster/shared/api/availability.ts';
import { type Millis, SECOND_MS } from '@muster/shared/time.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { Card } from '../../ui/Card.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Term } from '../../ui/Term.tsx';
import { cx } from '../../ui/cx.ts';
import { ABSENT, percentText } from '../../util/quantity.ts';
import { millis, recordTime, wholeSpanText } from '../../util/time.ts';

export type Figures = Omit<
  z.infer<(typeof availabilityEndpoints)['getAvailability']['response']>,
  'intervals'
>;

export function AvailabilityFigures({
  figures,
  note,
  nowMs,
}: {
  figures: Figures;
  note?: string | undefined;
  nowMs: Millis;
}) {
  const t = useT();
  const language = useLanguage();
  const words = useWords();
  const span = (seconds: number) => wholeSpanText(seconds * SECOND_MS, t);
  const percent = (value: number | null) => (value === null ? ABSENT : percentText(value, language));
  const { availabilityLow: low, availabilityHigh: high } = figures;
  const nothing = figures.agreedSeconds === 0;
  const revisedMs = millis(figures.revisedAt);
  return (
    <Card
      title={t('machines.tab.availability')}
      note={
        <>
          {words(figures.formulaWords)}{' '}
          <span className="whitespace-nowrap">{t(`agreed.equation.${figures.formula}`)}</span>
        </>
      }
      className="@container"
      flush
    >
      <dl className="grid grid-cols-2 gap-px overflow-hidden border-t border-line bg-line last:rounded-b-lg @2xl:grid-cols-3 @5xl:grid-cols-[1.4fr_1.2fr_1fr_1fr_1fr_1fr]">
        <Figure
          name={<Term id="availability">{t('machines.availability.figure')}</Term>}
          value={percent(figures.availability)}
          large
          note={
            nothing
              ? t('machines.availability.nothingAgreed')
              : figures.unknownSeconds > 0 && low !== null && high !== null
                ? t('machines.availability.lowHigh', { low: percent(low), high: percent(high) })
                : t('machines.availability.unknownNone')
          }
        />
        <Figure
          name={<Term id="coverage">{t('machines.availability.coverage')}</Term>}
          value={percent(figures.coverage)}
          large
          note={
            nothing
              ? t('machines.availability.nothingAgreed')
              : t(
                  figures.unknownSeconds > 0
                    ? 'machines.availability.coverageNote'
                    : 'machines.availability.coverageFull',
                  { unknown: span(figures.unknownSeconds), agreed: span(figures.agreedSeconds) },
                )
          }
        />
        <Figure
          name={t('machines.availability.down')}
          value={span(figures.downSeconds)}
          note={
            figures.outages === 0
              ? t('machines.availability.noOutages')
              : t('machines.availability.outages', { count: figures.outages })
          }
        />
        <Figure
          name={<Term id="plannedDowntime">{t('machines.availability.planned')}</Term>}
          value={span(figures.plannedSeconds)}
          note={t('machines.availability.plannedNote')}
        />
        <Figure
          name={<Term id="mtbf">{t('machines.availability.mtbf')}</Term>}
          value={figures.mtbfSeconds === null ? t('agreed.noFailure') : span(figures.mtbfSeconds)}
          note={t('machines.availability.mtbfNote')}
        />
        <Figure
          name={<Term id="mtrs">{t('machines.availability.mtrs')}</Term>}
          value={figures.mtrsSeconds === null ? ABSENT : span(figures.mtrsSeconds)}
          note={t('machines.availability.mtrsNote')}
        />
      </dl>
      {figures.beforeRevision && revisedMs !== null && (
        <p className="flex flex-wrap items-center gap-x-1.5 border-t border-line px-4 py-2.5 text-12 text-text-2">
          <Icon name="change" size={12} />
          {t('agreed.corrected', {
            time: recordTime(revisedMs, nowMs, language),
            before: percent(figures.beforeRevision.availability),
            beforeDown: span(figures.beforeRevision.downSeconds),
            beforeUnknown: span(figures.beforeRevision.unknownSeconds),
            now: percent(figures.availability),
            down: span(figures.downSeconds),
            unknown: span(figures.unknownSeconds),
          })}
        </p>
      )}
      {note && <p className="border-t border-line px-4 py-2.5 text-12 text-text-2">{note}</p>}
    </Card>
  );
}

function Figure({
  name,
  value,
  note,
  large = false,
}: {
  name: React.ReactNode;
  value: string;
  note: string;
  large?: boolean;
}) {
  return (
    <div className="min-w-0 bg-surface px-4 py-3">
      <dt className="text-12 text-text-3">{name}</dt>
      <dd>
        <span className={cx('block font-semibold', large ? 'text-20' : 'text-16 leading-[30px]')}>
          {value}
        </span>
        <span className="block text-12 text-text-3">{note}</span>
      </dd>
    </div>
  );
}
