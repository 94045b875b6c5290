/** What a chart says where it has nothing. Pure. */
import type { Language } from '@muster/shared/api/access.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Translate } from '../i18n/catalogue.ts';
import { recordTime, spanText } from '../util/time.ts';
import { type Aligned, gapReason, type GapReason } from './data.ts';
import type { Scene } from './paint.ts';
import type { Span } from './zoom.ts';

interface Shown extends Span {
  readonly gapReasons?: readonly GapReason[];
  readonly sinceMs?: Millis | null;
}

/** A gap that reaches the edge of the chart may be longer than what is seen of it: its length is not said. */
export function gapsInWords(
  { gaps }: Pick<Aligned, 'gaps'>,
  { fromMs, toMs, gapReasons = [], sinceMs = null }: Shown,
  t: Translate,
  language: Language,
): Scene['gaps'] {
  return gaps.map((gap) => {
    if (sinceMs !== null && gap.fromMs <= fromMs && gap.toMs < toMs) {
      const time = recordTime(Math.max(gap.toMs, sinceMs), toMs, language);
      return { ...gap, words: t('machines.dataSince', { time }), missing: false };
    }
    const reason = gapReason(gap, gapReasons);
    if (gap.fromMs <= fromMs || gap.toMs >= toMs)
      return { ...gap, words: reason ?? t('ui.noData'), missing: true };
    const span = spanText(gap.toMs - gap.fromMs, t);
    return {
      ...gap,
      words: reason === null ? t('charts.gap', { span }) : t('charts.gapReason', { reason, span }),
      missing: true,
    };
  });
}
