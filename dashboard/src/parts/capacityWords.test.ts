import type { CapacityRow } from '@muster/shared/api/capacity.ts';
import { expect, test } from 'vitest';
import type { Translate } from '../i18n/catalogue.ts';
import { capacityNote, capacityTone, daysText, usedTone } from './capacityWords.tsx';

const t: Translate = (key, values = {}) => `${key} ${Object.values(values).join(' ')}`.trim();

const row: CapacityRow = {
  ciId: 'ci_1',
  ciName: 'SRV-1',
  ciClass: 'Server',
  site: null,
  instance: '/',
  at: '2026-11-20T00:00:00.000Z',
  usedBytes: 50,
  sizeBytes: 100,
  freeBytes: 50,
  utilisation: 50,
  threshold: { percent: 90, severity: 'critical', ruleId: 'r', ruleName: 'Disk' },
  state: 'no-trend',
  growthBytesPerDay: null,
  full: null,
  reachesThreshold: null,
  notBefore: null,
  noTrend: 'steady',
  historyDays: 40,
  since: '2026-10-11T00:00:00.000Z',
  restart: null,
  backTestDays: null,
  spark: [],
};
const full = (days: number, late: number | null) => ({ full: { days, early: days / 2, late } });

test.each<[Partial<CapacityRow>, string]>([
  [{}, 'capacity.noTrend.steady 40'],
  [{ noTrend: 'shrinking' }, 'capacity.noTrend.shrinking 40'],
  [{ state: 'waiting', historyDays: 3 }, 'capacity.waiting 3 7'],
  [
    { state: 'waiting', historyDays: 4, restart: { at: '2026-11-16T12:00:00.000Z', why: 'grew' } },
    'capacity.restarted.grew 4 7 16 Nov',
  ],
  [{ state: 'later', notBefore: '2027-02-18T12:00:00.000Z' }, 'capacity.notBefore 18 Feb 2027'],
  [{ state: 'full', ...full(0, 0) }, 'capacity.nothingLeft'],
  [{ state: 'forecast', ...full(20, 26) }, 'capacity.interval 10 26'],
  [{ state: 'forecast', ...full(20, null) }, 'capacity.intervalOpen 10'],
])('[DB164] %j is said as %s', (change, words) => {
  expect(capacityNote({ ...row, ...change }, t, 'en')).toBe(words);
});

test('[DB164] colour stands only where somebody has to act or to plan', () => {
  expect([30, 31, 90, 91].map((days) => capacityTone(full(days, null)))).toEqual([
    'crit',
    'warn',
    'warn',
    undefined,
  ]);
  expect(capacityTone(row)).toBe(undefined);
  expect(usedTone(row)).toBe(undefined);
  expect(usedTone({ ...row, utilisation: 90 })).toBe('crit');
  expect(usedTone({ ...row, threshold: null, utilisation: 99 })).toBe(undefined);
});

test('[DB164] below ten days a digit counts', () => {
  expect([0.42, 9.94, 9.96, 21.4].map((days) => daysText(days, 'en'))).toEqual(['0.4', '9.9', '10', '21']);
});
