/** What was not up when it should have been, the newest first, with cause and evidence; or what nothing is known of. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { z } from 'zod';
import type { fleetAvailabilityEndpoints } from '@muster/shared/api/fleet-availability.ts';
import { SECOND_MS, type Millis } from '@muster/shared/time.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import type { Period } from '../../parts/availabilityPeriod.ts';
import { type AvailabilityFilter, outagesQuery } from '../../parts/availabilityQueries.ts';
import { useSentence } from '../../parts/sentence.ts';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { MorePages } from '../../ui/MorePages.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { CAUSE_WORDS, PRESENCE_LOOKS, type StateLook } from '../../ui/states.ts';
import { formatNumber } from '../../util/quantity.ts';
import { dateTimeText, millis, recordTime, wholeSpanText } from '../../util/time.ts';

/** Outages read in one step. */
const OUTAGES_STEP = 25;

/** An outage is known to have been one, whatever was said of the machine then. */
const DOWN = {
  word: 'availability.legend.down',
  glyph: 'square-x',
  tone: 'crit',
} as const satisfies StateLook;

type Outage = z.infer<
  (typeof fleetAvailabilityEndpoints)['availabilityOutages']['response']
>['items'][number];

export interface OutagesCardProps {
  readonly period: Period;
  readonly filter: AvailabilityFilter;
  readonly kind: 'down' | 'unknown';
  readonly nowMs: Millis;
  readonly onKind: (kind: 'down' | 'unknown') => void;
}

export function OutagesCard({ period, filter, kind, nowMs, onKind }: OutagesCardProps) {
  const t = useT();
  const language = useLanguage();
  const answer = useInfiniteQuery(outagesQuery({ period, ...filter, kind, limit: OUTAGES_STEP }));
  const total = answer.data?.pages[0]?.total;
  const items = answer.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card
      title={t(kind === 'down' ? 'availability.outageList' : 'availability.unknownList')}
      note={
        total === undefined
          ? undefined
          : t('availability.shownOf', {
              shown: formatNumber(items.length, 0, language),
              total: formatNumber(total, 0, language),
            })
      }
      action={
        <span className="no-print">
          <Segmented
            label={t('availability.kind')}
            value={kind}
            options={[
              { value: 'down', label: t('availability.outages') },
              { value: 'unknown', label: t('availability.legend.unknown') },
            ]}
            onChange={onKind}
          />
        </span>
      }
      flush
    >
      {answer.data === undefined ? (
        answer.error ? (
          <div className="border-t border-line px-4">
            <ErrorPanel error={answer.error} retry={() => void answer.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={4} />
        )
      ) : items.length === 0 ? (
        <EmptyState>{t(kind === 'down' ? 'availability.noOutages' : 'availability.noUnknown')}</EmptyState>
      ) : (
        <>
          <ul>
            {items.map((outage) => (
              <Row key={`${outage.ciId} ${outage.from}`} outage={outage} kind={kind} nowMs={nowMs} />
            ))}
          </ul>
          <MorePages pages={answer} label={t('availability.moreOutages')} />
        </>
      )}
    </Card>
  );
}

function Row({ outage, kind, nowMs }: { outage: Outage; kind: 'down' | 'unknown'; nowMs: Millis }) {
  const t = useT();
  const language = useLanguage();
  const sentence = useSentence();
  const fromMs = millis(outage.from);
  const toMs = millis(outage.to);
  const lengthMs = (toMs ?? nowMs) - fromMs;
  const agreedMs = outage.seconds * SECOND_MS;
  return (
    <li className="grid gap-x-4 gap-y-0.5 border-t border-line px-4 py-2 tablet:grid-cols-[minmax(0,0.9fr)_minmax(0,0.9fr)_minmax(0,1.6fr)]">
      <span className="flex min-w-0 items-start gap-2.5">
        <StatusBadge look={kind === 'down' ? DOWN : PRESENCE_LOOKS.unknown} />
        <Link
          to="/machines/$id/availability"
          params={{ id: outage.ciId }}
          className="min-w-0 truncate font-medium hover:text-accent coarse:min-h-11"
        >
          {outage.ciName}
        </Link>
      </span>
      <span>
        <span title={dateTimeText(fromMs, language)}>
          {t('time.fromTo', {
            from: recordTime(fromMs, nowMs, language),
            to: toMs === null ? t('time.stillSo') : endText(fromMs, toMs, nowMs, language),
          })}
        </span>
        <span className="block text-12 text-text-3">
          {wholeSpanText(lengthMs, t)}
          {agreedMs < lengthMs - SECOND_MS &&
            ` · ${t('availability.partAgreed', { span: wholeSpanText(agreedMs, t) })}`}
        </span>
      </span>
      <span className="min-w-0">
        <span className="font-medium">
          {outage.cause === null ? t('availability.noCause') : t(CAUSE_WORDS[outage.cause])}
        </span>
        {outage.evidence.map((words) => (
          <span key={words.en} className="block text-12 break-words text-text-2">
            {sentence(words)}
          </span>
        ))}
        {outage.revised && (
          <span className="flex items-center gap-1 text-12 text-text-3">
            <Icon name="change" size={12} />
            {t('availability.revised')}
          </span>
        )}
      </span>
    </li>
  );
}

/** The end on the same day needs no date. */
function endText(fromMs: Millis, toMs: Millis, nowMs: Millis, language: 'en' | 'zh'): string {
  const sameDay = new Date(fromMs).toDateString() === new Date(toMs).toDateString();
  return recordTime(toMs, sameDay ? toMs : nowMs, language);
}
