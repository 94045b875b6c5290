/** A row of the capacity register in words: when it is full, how fast it grows, or why nothing can be said. */
import type { CapacityRow } from '@muster/shared/api/capacity.ts';
import { CAPACITY_DAYS_NEEDED } from '@muster/shared/api/capacity.ts';
import type { Language } from '@muster/shared/api/access.ts';
import { DAY_MS } from '@muster/shared/time.ts';
import type { Translate } from '../i18n/catalogue.ts';
import { useLanguage, useT } from '../i18n/i18n.ts';
import { cx } from '../ui/cx.ts';
import { Glyph } from '../ui/Glyph.tsx';
import { PRESENCE_LOOKS, SEVERITY_LOOKS, TONE_TEXT } from '../ui/states.ts';
import { ABSENT, formatNumber, quantityText } from '../util/quantity.ts';
import { dateText, dayText, millis } from '../util/time.ts';

/** Full within so many days: somebody has to act now, or to plan. */
export const SOON_DAYS = 30;
export const PLAN_DAYS = 90;

export function capacityTone(row: Pick<CapacityRow, 'full'>): 'crit' | 'warn' | undefined {
  if (row.full === null || row.full.days > PLAN_DAYS) return undefined;
  return row.full.days <= SOON_DAYS ? 'crit' : 'warn';
}

/** Tone of what is used now: by the threshold in force, else by being full. */
export function usedTone(row: CapacityRow): 'crit' | 'warn' | undefined {
  if (row.state === 'full') return 'crit';
  if (row.threshold === null || row.utilisation < row.threshold.percent) return undefined;
  return row.threshold.severity === 'critical' ? 'crit' : 'warn';
}

/** `21`, below ten days with a digit. */
export function daysText(days: number, language: Language): string {
  return formatNumber(days, days < 9.95 ? 1 : 0, language);
}

/** Days to full with their glyph where somebody has to act; a dash where there is no forecast. */
export function DaysToFull({ row, className }: { row: CapacityRow; className?: string }) {
  const t = useT();
  const language = useLanguage();
  if (row.full === null) return <span className={cx('text-text-3', className)}>{ABSENT}</span>;
  const tone = capacityTone(row);
  const look = tone && SEVERITY_LOOKS[tone === 'crit' ? 'critical' : 'warning'];
  return (
    <span
      className={cx(
        'inline-flex items-center justify-end gap-1.5 font-semibold',
        look && TONE_TEXT[look.tone],
        className,
      )}
    >
      {look && <Glyph name={look.glyph} />}
      {row.state === 'full' ? t('capacity.fullNow') : daysText(row.full.days, language)}
    </span>
  );
}

/** What stands where a row has no interval. */
export function CapacityNote({ row }: { row: CapacityRow }) {
  const t = useT();
  const language = useLanguage();
  const text = capacityNote(row, t, language);
  if (row.state === 'waiting' && row.restart === null)
    return (
      <span className={cx('inline-flex items-center gap-1.5', TONE_TEXT.unknown)}>
        <Glyph name={PRESENCE_LOOKS.unknown.glyph} />
        {text}
      </span>
    );
  return <span className="text-text-2">{text}</span>;
}

export function capacityNote(row: CapacityRow, t: Translate, language: Language): string {
  const waiting = { days: row.historyDays, needed: CAPACITY_DAYS_NEEDED };
  switch (row.state) {
    case 'waiting':
      return row.restart === null
        ? t('capacity.waiting', waiting)
        : t(`capacity.restarted.${row.restart.why}`, {
            ...waiting,
            day: dayText(millis(row.restart.at), language),
          });
    case 'no-trend':
      return t(`capacity.noTrend.${row.noTrend ?? 'unclear'}`, { count: row.historyDays });
    case 'later':
      return t('capacity.notBefore', {
        day: row.notBefore === null ? ABSENT : dateText(millis(row.notBefore), language),
      });
    case 'full':
      return t('capacity.nothingLeft');
    case 'forecast':
      return row.full === null ? ABSENT : intervalText(row.full, t, language);
  }
}

/** `80 %: 18 to 26 days`. */
export function intervalText(
  { early, late }: NonNullable<CapacityRow['full']>,
  t: Translate,
  language: Language,
): string {
  const from = daysText(early, language);
  return late === null
    ? t('capacity.intervalOpen', { from })
    : t('capacity.interval', { from, to: daysText(late, language) });
}

/** `+11.6 GiB` a day. */
export function growthText(row: CapacityRow, language: Language): string {
  if (row.growthBytesPerDay === null) return ABSENT;
  return `+${quantityText(row.growthBytesPerDay, 'B', language)}`;
}

/** The day that lies so many days after the row was read. */
export function dayAfter(row: CapacityRow, days: number): number {
  return millis(row.at) + days * DAY_MS;
}
