/** Times and durations in the two languages of the product, as whole pieces that fit into a sentence. */
import type { Words } from '@muster/shared/api/incidents.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import { usableZone } from './expectation.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const two = (n: number): string => String(n).padStart(2, '0');

/** Clock time in the given zone with its offset: '20 Nov 2026, 10:42:08 (+01:00)' and '2026-11-20 10:42:08（+01:00）'. */
export function timeWords(atMs: Millis, timeZone: string | null): Words {
  const at = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(usableZone(timeZone));
  const clock = `${two(at.hour)}:${two(at.minute)}:${two(at.second)}`;
  return {
    en: `${at.day} ${MONTHS[at.month - 1] ?? ''} ${at.year}, ${clock} (${at.offset})`,
    zh: `${at.year}-${two(at.month)}-${two(at.day)} ${clock}（${at.offset}）`,
  };
}

const UNITS = [
  { ms: DAY_MS, en: 'd', zh: '天' },
  { ms: HOUR_MS, en: 'h', zh: '小时' },
  { ms: MINUTE_MS, en: 'min', zh: '分钟' },
  { ms: SECOND_MS, en: 's', zh: '秒' },
] as const;

/** The two largest units: '3 h 10 min', '3 小时 10 分钟'; below a second '0 s'. */
export function durationWords(durationMs: Millis): Words {
  const first = UNITS.findIndex((unit) => durationMs >= unit.ms);
  if (first < 0) return { en: '0 s', zh: '0 秒' };
  let restMs = durationMs;
  const parts = UNITS.slice(first, first + 2).map((unit) => {
    const count = Math.floor(restMs / unit.ms);
    restMs -= count * unit.ms;
    return { count, unit };
  });
  const shown = parts.filter(({ count }) => count > 0);
  return {
    en: shown.map(({ count, unit }) => `${count} ${unit.en}`).join(' '),
    zh: shown.map(({ count, unit }) => `${count} ${unit.zh}`).join(' '),
  };
}
