/** Times and values as stories write them. */
import { invariant } from '@muster/shared/invariant.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';

const UNIT_MS: Readonly<Record<string, Millis>> = { d: DAY_MS, h: HOUR_MS, m: MINUTE_MS, s: SECOND_MS };

/** '1h30m' */
export function durationMs(text: string): Millis {
  invariant(/^(\d+[dhms])+$/.test(text), `"${text}" is a duration such as 1h30m`);
  return [...text.matchAll(/(\d+)([dhms])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNIT_MS[unit ?? ''] ?? 0),
    0,
  );
}

/** The shortest text that `durationMs` reads as the same; parts of a second are cut off. */
export function durationText(ms: Millis): string {
  if (ms < 0) return `-${durationText(-ms)}`;
  let left = Math.floor(ms / SECOND_MS) * SECOND_MS;
  const parts: string[] = [];
  for (const [unit, unitMs] of Object.entries(UNIT_MS)) {
    const count = Math.floor(left / unitMs);
    if (count > 0) parts.push(`${count}${unit}`);
    left -= count * unitMs;
  }
  return parts.join('') || '0s';
}

/** '2026-03-03 10:00' in the zone. */
export function localMs(text: string, zone: string): Millis {
  return Temporal.PlainDateTime.from(text.replace(' ', 'T')).toZonedDateTime(zone).epochMilliseconds;
}

/** '95x3 _ 10..60x6': three times 95, nothing, a line of six values from 10 to 60. */
export function valuesOf(text: string): (number | null)[] {
  return text
    .trim()
    .split(/\s+/)
    .flatMap((part) => {
      const [what = '', count = '1'] = part.split('x');
      const n = Number(count);
      if (what === '_') return Array.from({ length: n }, () => null);
      const [from = Number.NaN, to = from] = what.split('..').map(Number);
      invariant(
        Number.isFinite(from) && Number.isFinite(to) && n >= 1,
        `"${part}" is a run of values such as 95x3`,
      );
      return Array.from({ length: n }, (_, i) => (n === 1 ? to : from + ((to - from) * i) / (n - 1)));
    });
}
