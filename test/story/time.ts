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

/**
 * '95x3 _ 10..60x6': three times 95, nothing, a line of six values from 10 to 60. '80~3x60' is noise, 80 and up to 3 more or less,
 * always the same one; '80~3#2x60' another one. '(10..60x6 10)x4' is a sawtooth.
 */
export function valuesOf(text: string): (number | null)[] {
  return partsOf(text.trim()).flatMap((part) => {
    const group = /^\((.*)\)(?:x(\d+))?$/s.exec(part);
    if (!group) return runOf(part);
    const values = valuesOf(group[1] ?? '');
    return Array.from({ length: Number(group[2] ?? 1) }, () => values).flat();
  });
}

/** Separated by blanks, but for those between brackets. */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i <= text.length; i++) {
    if (text[i] === '(') depth += 1;
    if (text[i] === ')') depth -= 1;
    if (i < text.length && (depth > 0 || !/\s/.test(text[i] ?? ''))) continue;
    if (i > from) parts.push(text.slice(from, i));
    from = i + 1;
  }
  invariant(depth === 0, `each bracket of "${text}" has its partner`);
  return parts;
}

function runOf(part: string): (number | null)[] {
  const [what = '', count = '1'] = part.split('x');
  const n = Number(count);
  if (what === '_') return Array.from({ length: n }, () => null);
  const [line = '', noise] = what.split('~');
  const [by = 0, seed = 1] = noise?.split('#').map(numberOf) ?? [];
  const [from = Number.NaN, to = from] = line.split('..').map(numberOf);
  invariant(
    [from, to, by, seed].every(Number.isFinite) && n >= 1,
    `"${part}" is a run of values such as 95x3`,
  );
  const next = noiseOf(seed);
  return Array.from(
    { length: n },
    (_, i) => (n === 1 ? to : from + ((to - from) * i) / (n - 1)) + (by === 0 ? 0 : by * next()),
  );
}

function numberOf(text: string): number {
  return text === '' ? Number.NaN : Number(text);
}

/** Even between -1 and 1, by a linear congruence (Numerical Recipes). */
function noiseOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** '1h30m' after the begin; 'weekdays 08:30' or 'days 22:00' is each of them while the story is played. */
export function momentsOf(
  text: string,
  { startMs, endMs, zone }: { readonly startMs: Millis; readonly endMs: Millis; readonly zone: string },
): Millis[] {
  const each = /^(weekdays|days) (\d\d:\d\d)$/.exec(text);
  if (!each) return [startMs + durationMs(text)];
  const [, which = '', at = ''] = each;
  const moments: Millis[] = [];
  let day = Temporal.Instant.fromEpochMilliseconds(startMs).toZonedDateTimeISO(zone).toPlainDate();
  for (;;) {
    const atMs = localMs(`${day.toString()} ${at}`, zone);
    if (atMs >= endMs) return moments;
    if (atMs >= startMs && (which === 'days' || day.dayOfWeek <= 5)) moments.push(atMs);
    day = day.add({ days: 1 });
  }
}
