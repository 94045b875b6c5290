/** The intervals behind the strips: state, from and to, length, cause and evidence. */
import { useState } from 'react';
import type { Millis } from '@muster/shared/time.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import type { Stretch } from '../../parts/presence.ts';
import { ReclassifyDialog } from '../../parts/ReclassifyDialog.tsx';
import { RevisedMark } from '../../parts/RevisedMark.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { CAUSE_WORDS, PRESENCE_LOOKS } from '../../ui/states.ts';
import { dateTimeText, dayText, millis, recordTime, wholeSpanText } from '../../util/time.ts';
import { nextDay } from './months.ts';

const COLUMNS =
  'grid gap-x-4 gap-y-1 px-4 tablet:grid-cols-[116px_212px_minmax(0,1fr)] desk:grid-cols-[124px_240px_170px_minmax(0,1fr)]';

export interface StretchesCardProps {
  readonly ci: { readonly id: string; readonly name: string };
  /** In order of time. */
  readonly stretches: readonly Stretch[];
  readonly nowMs: Millis;
  /** End of the month, or now. */
  readonly untilMs: Millis;
  /** Only what touches this day; null: all days. */
  readonly dayMs: Millis | null;
  readonly onAllDays: () => void;
}

export function StretchesCard({ ci, stretches, nowMs, untilMs, dayMs, onAllDays }: StretchesCardProps) {
  const t = useT();
  const language = useLanguage();
  const [which, setWhich] = useState<'missing' | 'all'>('missing');
  const rows = stretches
    .filter((stretch) => which === 'all' || isMissing(stretch))
    .filter(
      (stretch) => dayMs === null || (stretch.fromMs < nextDay(dayMs) && (stretch.toMs ?? untilMs) > dayMs),
    )
    .toReversed();
  return (
    <Card
      title={t(which === 'all' ? 'machines.availability.all' : 'machines.availability.interruptions')}
      note={t('machines.availability.count', { count: rows.length })}
      action={
        <span className="flex flex-wrap items-center gap-2">
          {dayMs !== null && (
            <Button size="small" onClick={onAllDays} title={t('ui.clearFilters')}>
              {t('machines.availability.onDay', { day: dayText(dayMs, language) })}
              <Icon name="close" size={12} />
            </Button>
          )}
          <Segmented
            label={t('machines.availability.shown')}
            value={which}
            options={[
              { value: 'missing', label: t('machines.availability.interruptions') },
              { value: 'all', label: t('machines.availability.all') },
            ]}
            onChange={setWhich}
          />
        </span>
      }
      flush
    >
      {rows.length === 0 ? (
        <EmptyState>
          {dayMs === null
            ? t('machines.availability.noInterruptions')
            : t('machines.availability.noneOnDay', { day: dayText(dayMs, language) })}
        </EmptyState>
      ) : (
        <>
          <div
            aria-hidden="true"
            className={`${COLUMNS} pb-1.5 text-12 font-medium text-text-3 max-tablet:hidden`}
          >
            <span>{t('machines.availability.state')}</span>
            <span>{t('machines.availability.period')}</span>
            <span className="max-desk:hidden">{t('machines.availability.length')}</span>
            <span>{t('machines.availability.evidence')}</span>
          </div>
          <ul>
            {rows.map((stretch) => (
              <Row key={stretch.fromMs} ci={ci} stretch={stretch} nowMs={nowMs} untilMs={untilMs} />
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

/** Not up although expected, or agreed not to be; what lies wholly outside its hours is as it should be. */
function isMissing({ presence, expectedMs }: Stretch): boolean {
  if (presence === 'planned' || presence === 'silent') return true;
  return presence === 'unknown' && expectedMs > 0;
}

function Row({
  ci,
  stretch,
  nowMs,
  untilMs,
}: {
  ci: StretchesCardProps['ci'];
  stretch: Stretch;
  nowMs: Millis;
  untilMs: Millis;
}) {
  const t = useT();
  const words = useWords();
  const language = useLanguage();
  const { fromMs, toMs, presence, cause, evidence, expectedMs, revised } = stretch;
  const refusal = useActionRefusal('availability.request');
  const [judging, setJudging] = useState(false);
  const lengthMs = (toMs ?? untilMs) - fromMs;
  const nothingKnown = presence === 'unknown' && cause === null && evidence.length === 0;
  return (
    <li className={`${COLUMNS} border-t border-line py-2`}>
      <span>
        <StatusBadge look={PRESENCE_LOOKS[presence]} />
      </span>
      <span>
        {t('time.fromTo', {
          from: recordTime(fromMs, nowMs, language),
          to: toMs === null ? t('time.stillSo') : endText(fromMs, toMs, nowMs, language),
        })}
        <span className="text-12 text-text-3 desk:hidden">
          {' · '}
          {wholeSpanText(lengthMs, t)}
        </span>
        <span className="sr-only">{` ${dateTimeText(fromMs, language)}`}</span>
      </span>
      <span className="max-desk:hidden">
        {wholeSpanText(lengthMs, t)}
        <span className="block text-12 text-text-3">
          <InHours lengthMs={lengthMs} expectedMs={expectedMs} />
        </span>
      </span>
      <span className="min-w-0">
        {cause !== null && <span className="font-medium">{t(CAUSE_WORDS[cause])}</span>}
        {evidence.map((sentence) => (
          <span key={sentence.en} className="block text-12 break-words text-text-2">
            {words(sentence)}
          </span>
        ))}
        {nothingKnown && <span className="text-12 text-text-2">{t('machines.availability.noEvidence')}</span>}
        {revised && <RevisedMark revisedMs={millis(stretch.revisedAt)} was={stretch.was} nowMs={nowMs} />}
        {stretch.reclassified.map((as) => (
          <span key={as} className="flex items-center gap-1 text-12 text-text-2">
            <Icon name="change" size={12} />
            {t('agreed.mark', { as: t(`agreed.as.${as}`) })}
          </span>
        ))}
        {isMissing(stretch) && (
          <span className="no-print -ml-2 block">
            <Button size="small" look="quiet" disabledReason={refusal} onClick={() => setJudging(true)}>
              {t('agreed.reclassify.open')}
            </Button>
          </span>
        )}
        {judging && (
          <ReclassifyDialog ci={ci} fromMs={fromMs} toMs={toMs ?? nowMs} onClose={() => setJudging(false)} />
        )}
      </span>
    </li>
  );
}

function InHours({ lengthMs, expectedMs }: { lengthMs: number; expectedMs: number }) {
  const t = useT();
  if (expectedMs === 0) return t('machines.availability.outside');
  if (expectedMs >= lengthMs) return t('machines.availability.expected');
  return t('machines.availability.partly', { span: wholeSpanText(expectedMs, t) });
}

/** The end on the same day needs no date. */
function endText(
  fromMs: Millis,
  toMs: Millis,
  nowMs: Millis,
  language: ReturnType<typeof useLanguage>,
): string {
  const sameDay = new Date(fromMs).toDateString() === new Date(toMs).toDateString();
  return recordTime(toMs, sameDay ? toMs : nowMs, language);
}
