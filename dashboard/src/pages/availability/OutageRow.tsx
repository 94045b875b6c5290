/** One outage, or stretch of which nothing is known: when, why, on what evidence, what people judged of it. */
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { AvailabilityOutage } from '@muster/shared/api/availability.ts';
import { SECOND_MS, type Millis } from '@muster/shared/time.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { ReclassifyDialog } from '../../parts/ReclassifyDialog.tsx';
import { RevisedMark } from '../../parts/RevisedMark.tsx';
import { useSentence } from '../../parts/sentence.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { CAUSE_WORDS, PRESENCE_LOOKS, type StateLook } from '../../ui/states.ts';
import { dateTimeText, millis, recordTime, wholeSpanText } from '../../util/time.ts';
import { lastLookMs } from './lastLook.ts';

/** An outage is known to have been one, whatever was said of the machine then. */
const DOWN = {
  word: 'availability.legend.down',
  glyph: 'square-x',
  tone: 'crit',
} as const satisfies StateLook;

export function OutageRow({
  outage,
  ci,
  kind,
  nowMs,
}: {
  outage: AvailabilityOutage;
  ci: { readonly id: string; readonly name: string; readonly isMachine?: true };
  kind: 'down' | 'unknown';
  nowMs: Millis;
}) {
  const t = useT();
  const language = useLanguage();
  const sentence = useSentence();
  const refusal = useActionRefusal('availability.request');
  const [judging, setJudging] = useState(false);
  const fromMs = millis(outage.from);
  const toMs = millis(outage.to);
  const lengthMs = (toMs ?? nowMs) - fromMs;
  const agreedMs = outage.seconds * SECOND_MS;
  return (
    <li className="grid gap-x-4 gap-y-0.5 border-t border-line px-4 py-2 tablet:grid-cols-[minmax(0,0.9fr)_minmax(0,0.9fr)_minmax(0,1.6fr)_auto]">
      <span className="flex min-w-0 items-start gap-2.5">
        <StatusBadge look={kind === 'down' ? DOWN : PRESENCE_LOOKS.unknown} />
        {ci.isMachine ? (
          <Link
            to="/machines/$id/availability"
            params={{ id: ci.id }}
            className="min-w-0 truncate font-medium hover:text-accent coarse:min-h-11"
          >
            {ci.name}
          </Link>
        ) : (
          <span className="min-w-0 truncate font-medium">{ci.name}</span>
        )}
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
        {outage.because.length > 0 && (
          <span className="block text-12 break-words text-text-2">
            {t('agreed.because', {
              names: outage.because.map(({ name }) => name).join(t('ui.listSeparator')),
            })}
          </span>
        )}
        {outage.because.length === 0 &&
          outage.evidence.map((words) => (
            <span key={words.en} className="block text-12 break-words text-text-2">
              {sentence(words)}
            </span>
          ))}
        <Marks outage={outage} nowMs={nowMs} />
      </span>
      <span className="no-print">
        <Button size="small" look="quiet" disabledReason={refusal} onClick={() => setJudging(true)}>
          {t('agreed.reclassify.open')}
        </Button>
      </span>
      {judging && (
        <ReclassifyDialog ci={ci} fromMs={fromMs} toMs={toMs ?? nowMs} onClose={() => setJudging(false)} />
      )}
    </li>
  );
}

function Marks({ outage, nowMs }: { outage: AvailabilityOutage; nowMs: Millis }) {
  const t = useT();
  const revisedMs = millis(outage.revisedAt);
  return (
    <>
      {outage.revised && (
        <RevisedMark
          revisedMs={revisedMs}
          was={outage.was}
          nowMs={nowMs}
          isNew={revisedMs !== null && revisedMs > lastLookMs()}
        />
      )}
      {outage.reclassified.map((as) => (
        <span key={as} className="flex items-center gap-1 text-12 text-text-2">
          <Icon name="change" size={12} />
          {t('agreed.mark', { as: t(`agreed.as.${as}`) })}
        </span>
      ))}
    </>
  );
}

/** The end on the same day needs no date. */
function endText(fromMs: Millis, toMs: Millis, nowMs: Millis, language: 'en' | 'zh'): string {
  const sameDay = new Date(fromMs).toDateString() === new Date(toMs).toDateString();
  return recordTime(toMs, sameDay ? toMs : nowMs, language);
}
