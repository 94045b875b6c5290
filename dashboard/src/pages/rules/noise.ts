/** How loud a rule is: what it told lately, and how much of that was worth telling. Pure. */
import type { Language } from '@muster/shared/api/access.ts';
import { NOISE_BRIEF_MINUTES, NOISE_DAYS, type RuleNoise } from '@muster/shared/api/rules.ts';
import { DAY_MS } from '@muster/shared/time.ts';
import type { Translate } from '../../i18n/catalogue.ts';
import { formatNumber } from '../../util/quantity.ts';
import { wholeSpanText } from '../../util/time.ts';

const WEEK_DAYS = 7;
/** From this share of alerts that ended by themselves on, and from so many alerts on, a rule asks to be looked at. */
const LOUD_SHARE = 0.5;
const LOUD_ALERTS = 4;

/** null: the rule has not been there for a week. */
export function alertsPerWeek({ alerts, days }: RuleNoise): number | null {
  return days < WEEK_DAYS ? null : (alerts / days) * WEEK_DAYS;
}

/** Share of alerts that were over before anybody could have looked, 0 to 1. */
export function briefShare({ alerts, brief }: RuleNoise): number {
  return alerts === 0 ? 0 : brief / alerts;
}

/** Most of what it told was not worth telling. */
export function isLoud(noise: RuleNoise): boolean {
  return noise.alerts >= LOUD_ALERTS && briefShare(noise) >= LOUD_SHARE;
}

/** The louder first: by alerts, then by those that were not worth telling. */
export function byNoise(a: RuleNoise | undefined, b: RuleNoise | undefined): number {
  return (
    loudness(b) - loudness(a) || (b?.alerts ?? -1) - (a?.alerts ?? -1) || (b?.brief ?? -1) - (a?.brief ?? -1)
  );
}

/** Alerts a day; what has been there for less than a day counts as a day. */
function loudness(noise: RuleNoise | undefined): number {
  return noise === undefined ? -1 : noise.alerts / Math.max(1, noise.days);
}

/** `2.8 a week`, `4 in 25 min`, `none`. */
export function rateWords(noise: RuleNoise, t: Translate, language: Language): string {
  if (noise.alerts === 0) return t('rules.noise.none');
  const rate = alertsPerWeek(noise);
  if (rate === null)
    return t('rules.noise.inSpan', { count: noise.alerts, span: wholeSpanText(noise.days * DAY_MS, t) });
  return t('rules.noise.perWeek', { rate: formatNumber(rate, rate < 10 ? 1 : 0, language) });
}

export function shareText(share: number): number {
  return Math.round(share * 100);
}

/** `In 30 days 12 alerts on 3 machines, in 9 incidents.` and what became of them. */
export function noiseSentences(noise: RuleNoise, t: Translate): string[] {
  const isWhole = noise.days >= NOISE_DAYS;
  const span = wholeSpanText(noise.days * DAY_MS, t);
  const days = NOISE_DAYS;
  if (noise.alerts === 0)
    return [isWhole ? t('rules.noise.quiet', { days }) : t('rules.noise.quietSince', { span })];
  return [
    t(isWhole ? 'rules.noise.told' : 'rules.noise.toldSince', {
      days,
      span,
      alerts: t('rules.noise.alerts', { count: noise.alerts }),
      machines: t('rules.noise.machines', { count: noise.machines }),
      incidents: t('rules.noise.incidents', { count: noise.incidents }),
    }),
    noise.brief === 0
      ? t('rules.noise.noneBrief', { minutes: NOISE_BRIEF_MINUTES })
      : t('rules.noise.brief', {
          share: shareText(briefShare(noise)),
          minutes: NOISE_BRIEF_MINUTES,
        }),
  ];
}
