/** How an availability target stands: its budget, how fast it is used, a warning, and the periods before. */
import type { AvailabilityTarget } from '@muster/shared/api/availability-targets.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import { useLanguage, useT, useWords } from '../i18n/i18n.ts';
import { Glyph } from '../ui/Glyph.tsx';
import { Meter } from '../ui/Meter.tsx';
import { nowMs } from '../util/clock.ts';
import { ABSENT, formatNumber, percentText } from '../util/quantity.ts';
import { dateText, millis, wholeSpanText } from '../util/time.ts';
import { dayName } from './availabilityPeriod.ts';

const TONES = { ok: undefined, none: undefined, half: 'warn', spent: 'crit' } as const;

export function BudgetStanding({ target }: { target: AvailabilityTarget }) {
  const t = useT();
  const language = useLanguage();
  const words = useWords();
  const { current } = target;
  const span = (seconds: number) => wholeSpanText(seconds * SECOND_MS, t);
  return current === null || current.state === 'none' ? (
    <span className="text-text-2">
      {target.fromDay > dayName(nowMs())
        ? t('agreed.targets.soon', { day: target.fromDay })
        : t('agreed.targets.nothing')}
    </span>
  ) : (
    <span className="min-w-0">
      <span className="flex items-center gap-2">
        <span className="font-medium">
          {current.figures.availability === null
            ? ABSENT
            : percentText(current.figures.availability, language)}
        </span>
        <Meter
          percent={current.usedPercent ?? (current.usedSeconds > 0 ? 100 : 0)}
          tone={TONES[current.state]}
          tick={50}
          className="flex-1"
        />
      </span>
      <span className="block text-12 text-text-2">
        {current.figures.coverage !== null &&
          `${t('availability.coverageOf', { percent: percentText(current.figures.coverage, language) })} · `}
        {t('agreed.targets.budget', {
          used: span(current.usedSeconds),
          allowed: span(current.allowedSeconds),
        })}
        {' · '}
        {current.leftSeconds >= 0
          ? t('agreed.targets.left', { span: span(current.leftSeconds) })
          : t('agreed.targets.over', { span: span(-current.leftSeconds) })}
      </span>
      <span className="block text-12 text-text-3">
        {current.downNow ? `${t('agreed.targets.downNow')} · ` : ''}
        {current.burnRate === null || current.burnRate === 0
          ? t('agreed.targets.calm')
          : t('agreed.targets.burn', { rate: formatNumber(current.burnRate, 1, language) })}
        {current.lastsSeconds !== null &&
          ` · ${t('agreed.targets.lasts', { span: span(current.lastsSeconds) })}`}
      </span>
      {current.warning && (
        <span className="mt-0.5 flex items-center gap-1.5 text-12 font-medium">
          <Glyph name="triangle" className={current.state === 'spent' ? 'text-crit-fg' : 'text-warn-fg'} />
          {words(current.warning)}
        </span>
      )}
      <Past target={target} />
    </span>
  );
}

function Past({ target }: { target: AvailabilityTarget }) {
  const t = useT();
  const language = useLanguage();
  if (target.past.length === 0) return null;
  const word = (met: boolean | null) =>
    t(met === null ? 'agreed.targets.nothing' : met ? 'agreed.targets.met' : 'agreed.targets.missed');
  return (
    <ul
      aria-label={t('agreed.targets.past')}
      className="mt-1 flex flex-wrap gap-x-3 gap-y-1 text-12 text-text-2"
    >
      {target.past.map(({ from, met, availability, coverage }) => (
        <li key={from} className={met === false ? 'font-medium text-crit-fg' : undefined}>
          {t('agreed.targets.result', {
            from: dateText(millis(from), language),
            figure: availability === null ? ABSENT : percentText(availability, language),
            word: word(met),
          })}
          {coverage !== null && coverage < 100 && (
            <span className="font-normal text-text-3">
              {' '}
              {t('availability.coverageOf', { percent: percentText(coverage, language) })}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
