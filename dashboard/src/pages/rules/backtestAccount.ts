/** What a back-test found, in one sentence, and how much of the time stands behind it. Pure. */
import type { Backtest } from '@muster/shared/api/rules.ts';
import { DAY_MS } from '@muster/shared/time.ts';
import type { Translate } from '../../i18n/catalogue.ts';
import { millis, wholeSpanText } from '../../util/time.ts';

/** With less, that nothing would have alerted means nothing. */
const TELLING_MS = DAY_MS;
/** A share of the time beyond which it counts as all of it: machines are off, a server restarts. */
const NEARLY_ALL = 0.9;

type Basis = Pick<
  Backtest,
  'from' | 'to' | 'count' | 'affected' | 'machines' | 'dataMs' | 'neededMs' | 'basis'
>;

/** `Would have alerted 14 times on 3 machines in 30 days.` */
export function accountOf(data: Basis, t: Translate): string {
  const days = daysOf(data);
  const { looked, withData, outdone } = data.machines;
  if (looked === 0) return t('rules.past.nobody');
  if (withData === 0) return t('rules.past.noData', { days });
  if (isOutdone(data)) return t('rules.past.allOutdone', { count: outdone });
  if (data.count > 0)
    return t('rules.past.times', {
      times: t('rules.past.timesPart', { count: data.count }),
      machines: t('rules.past.machinesPart', { count: data.affected }),
      days,
    });
  const span = wholeSpanText(data.dataMs ?? 0, t);
  if (isTooEarly(data))
    return data.neededMs > Math.max(TELLING_MS, data.dataMs ?? 0)
      ? t('rules.past.tooEarlyFor', { span, needed: wholeSpanText(data.neededMs, t) })
      : t('rules.past.tooEarly', { span, days });
  return isWhole(data) ? t('rules.past.never', { days }) : t('rules.past.neverIn', { span });
}

/** How much of the time has data, where the account does not say it and it is not nearly all; else null. */
export function partlyOf(data: Basis, t: Translate): string | null {
  if (data.dataMs === null || isWhole(data) || (isTooEarly(data) && !isOutdone(data))) return null;
  return t('rules.past.partly', { span: wholeSpanText(data.dataMs, t), days: daysOf(data) });
}

/** The account is a warning: that nothing would have alerted is no good news. */
export function saysLittle(data: Basis): boolean {
  return isOutdone(data) || isTooEarly(data);
}

/** On each machine another rule is in force, so that this one cannot alert. */
export function isOutdone({ count, machines: { looked, outdone } }: Basis): boolean {
  return count === 0 && looked > 0 && outdone >= looked;
}

function isTooEarly({ count, dataMs, neededMs }: Basis): boolean {
  return count === 0 && dataMs !== null && dataMs < Math.max(TELLING_MS, neededMs);
}

function isWhole(data: Basis): boolean {
  return (data.dataMs ?? 0) >= NEARLY_ALL * (millis(data.to) - millis(data.from));
}

function daysOf({ from, to }: Basis): number {
  return Math.round((millis(to) - millis(from)) / DAY_MS);
}
