import { expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS } from '@muster/shared/time.ts';
import type { Translate } from '../../i18n/catalogue.ts';
import { accountOf, partlyOf, saysLittle } from './backtestAccount.ts';

/** The key and what is filled in, so that the choice of the sentence is seen. */
const t = ((key: string, values: Record<string, unknown> = {}) =>
  `${key.split('.').at(-1)} ${Object.values(values).join(' ')}`.trim()) as Translate;

const month = {
  from: '2026-10-22T00:00:00.000Z',
  to: '2026-11-21T00:00:00.000Z',
  basis: '1m',
  count: 0,
  affected: 0,
  dataMs: 30 * DAY_MS,
  neededMs: 0,
  machines: { matching: 41, looked: 41, withData: 41, outdone: 0 },
} as const;

const rows: [string, Partial<Parameters<typeof accountOf>[0]>, string][] = [
  ['a month of data', {}, 'never 30'],
  ['three minutes of data', { dataMs: 3 * MINUTE_MS }, 'tooEarly minutes 3 30'],
  [
    'three days of data for a rule that needs four weeks',
    { dataMs: 3 * DAY_MS, neededMs: 27 * DAY_MS },
    'tooEarlyFor',
  ],
  ['ten days of data', { dataMs: 10 * DAY_MS }, 'neverIn'],
  ['nothing of the metric', { machines: { ...month.machines, withData: 0 }, dataMs: null }, 'noData 30'],
];

test.each(rows)('[RU40] %s', (_what, found, account) => {
  expect(accountOf({ ...month, ...found }, t)).toMatch(new RegExp(`^${account}`));
});

test('[RU40] alerts are counted whatever the time, and how much of it has data stands beside them', () => {
  const data = { ...month, count: 2, affected: 1, dataMs: 10 * DAY_MS };
  expect(accountOf(data, t)).toMatch(/^times/);
  expect(partlyOf(data, t)).toMatch(/^partly/);
  expect(partlyOf({ ...data, dataMs: 30 * DAY_MS }, t)).toBeNull();
  expect(saysLittle(data)).toBe(false);
});

test('[RU40] a rule that another outdoes on each machine is warned of, not praised for silence', () => {
  const data = { ...month, machines: { ...month.machines, outdone: 41 } };
  expect(accountOf(data, t)).toBe('allOutdone 41');
  expect(saysLittle(data)).toBe(true);
  expect(saysLittle({ ...data, machines: { ...data.machines, outdone: 40 } })).toBe(false);
});
