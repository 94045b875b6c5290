import type { EngineStatus } from '@muster/shared/api/engine.ts';
import { expect, test } from 'vitest';
import { findingsOf } from './engineHealth.ts';

const QUICK = { count: 1_000, lastMs: 20, p50Ms: 20, p95Ms: 40, p99Ms: 60, maxMs: 9_000 };

const CALM: EngineStatus = {
  at: '2026-11-20T10:00:00.000Z',
  version: '1',
  runtime: '26',
  platform: 'linux x64',
  startedAt: '2026-11-19T10:00:00.000Z',
  ingest: {
    samplesPerSecond: 500,
    seriesCount: 5_000,
    agentsConnected: 50,
    samplesTotal: 1e6,
    duplicatesTotal: 0,
    lateTotal: 0,
    refusedTotal: 0,
  },
  exchange: {
    storedTotal: 0,
    keptOutTotal: 0,
    namesUnknown: 0,
    mayBeMoreNames: false,
    requestsUnsigned: 0,
    targets: 0,
    queuedSamples: 0,
    queueAgeMs: null,
    queueBytes: 0,
    queueBytesMax: 2 ** 30,
    droppedTotal: 0,
  },
  queues: {
    headBytes: 1e7,
    journalBytes: 1e6,
    journalAgeMs: 60_000,
    pendingWindows: 60,
    notificationsWaiting: 0,
  },
  durations: { commit: QUICK, sync: QUICK, index: QUICK, settle: QUICK },
  process: { residentBytes: 3e8, heapUsedBytes: 1e8, cpuShare: 0.1, loopLagMs: 4 },
  pulse: {
    stepMs: 10_000,
    toAt: null,
    samplesPerSecond: [],
    loopLagMs: [],
    cpuShare: [],
    residentBytes: [],
  },
  storage: {
    folder: '/data',
    freeBytes: 1e11,
    totalBytes: 2e11,
    databaseBytes: 1e7,
    journalBytes: 1e6,
    tiers: [],
    forecast: { bytesPerDay: 1e8, neededBytes: 1e9, daysUntilFull: null, daysUntilCap: null },
    sampleBytes: 1e9,
    bytesMax: null,
    droppedBytesTotal: 0,
    dropped: [],
  },
  lastBackupAt: null,
  troubles: [],
};

test('[DB193] a healthy engine has no finding, and a slowest write long ago is none', () => {
  expect(findingsOf(CALM)).toEqual([]);
});

test.each([
  [45, []],
  [20, [['diskWillFill', 'warn']]],
  [3, [['diskWillFill', 'crit']]],
] as const)('[DB193] a disk that is full in %d days', (daysUntilFull, expected) => {
  const forecast = { bytesPerDay: 1e8, neededBytes: 1e12, daysUntilFull, daysUntilCap: null };
  const findings = findingsOf({ ...CALM, storage: { ...CALM.storage, forecast } });
  expect(findings.map(({ word, tone }) => [word.split('.').at(-1), tone])).toEqual(expected);
});

test('[DB193] what waits to be tried again is no loss, and said as that', () => {
  const findings = findingsOf({ ...CALM, troubles: [{ code: 'windows-waiting', detail: 'a' }] });
  expect(findings).toEqual([
    { word: 'settings.engine.trouble.windowsWaiting', tone: 'warn', details: ['a'] },
  ]);
});

test('[DB193] the server’s own troubles come first; one without words keeps the server’s sentence', () => {
  const findings = findingsOf({
    ...CALM,
    queues: { ...CALM.queues, journalAgeMs: 2 * 3_600_000 },
    durations: { ...CALM.durations, commit: { ...QUICK, p99Ms: 2_000 } },
    process: { ...CALM.process, loopLagMs: 900 },
    troubles: [
      { code: 'data-damaged', detail: 'a' },
      { code: 'of-a-later-version', detail: 'b' },
      { code: 'data-damaged', detail: 'c' },
    ],
  });
  expect(findings.map(({ word }) => word.split('.').at(-1))).toEqual([
    'dataDamaged',
    'other',
    'journalOld',
    'commitSlow',
    'loopLate',
  ]);
  expect(findings.slice(0, 3).map(({ details }) => details)).toEqual([['a', 'c'], ['b'], []]);
});

test.each([
  [null, null, []],
  [2e9, 45, []],
  [2e9, 20, [['limitNear', 'warn']]],
  [2e9, 0, []],
] as const)('[DB193] samples may take %d bytes and do in %d days', (bytesMax, daysUntilCap, expected) => {
  const forecast = { bytesPerDay: 1e8, neededBytes: 1e12, daysUntilFull: null, daysUntilCap };
  const findings = findingsOf({ ...CALM, storage: { ...CALM.storage, bytesMax, forecast } });
  expect(findings.map(({ word, tone }) => [word.split('.').at(-1), tone])).toEqual(expected);
});

test('[DB193] samples that other stores never got are a finding', () => {
  const findings = findingsOf({ ...CALM, exchange: { ...CALM.exchange, droppedTotal: 3 } });
  expect(findings.map(({ word }) => word.split('.').at(-1))).toEqual(['exchangeDropped']);
});

test('[DB193] lateness while the server starts is no finding', () => {
  const starting = { ...CALM, startedAt: CALM.at, process: { ...CALM.process, loopLagMs: 900 } };
  expect(findingsOf(starting)).toEqual([]);
});

test.each([
  ['a server without machines', { seriesCount: 0, agentsConnected: 0 }, CALM.startedAt, []],
  ['machines that are all gone', { agentsConnected: 0 }, CALM.startedAt, ['nobodyConnected']],
  ['agents whose samples do not arrive', {}, CALM.startedAt, ['nothingComes']],
  ['agents that come back after a start', { agentsConnected: 0 }, CALM.at, []],
] as const)('[DB193] nothing comes in: %s', (_, ingest, startedAt, expected) => {
  const status = { ...CALM, startedAt, ingest: { ...CALM.ingest, samplesPerSecond: 0, ...ingest } };
  expect(findingsOf(status).map(({ word }) => word.split('.').at(-1))).toEqual(expected);
});

test('[RW52] trouble of the exchange is a warning with the server’s sentences, and leads to its page', () => {
  const findings = findingsOf({
    ...CALM,
    exchange: { ...CALM.exchange, namesUnknown: 2, requestsUnsigned: 3 },
    troubles: [
      { code: 'exchange-in', detail: 'a' },
      { code: 'exchange-out', detail: 'b' },
      { code: 'exchange-in', detail: 'c' },
    ],
  });
  expect(findings).toEqual([
    { word: 'settings.engine.trouble.exchangeIn', tone: 'warn', details: ['a', 'c'], exchange: 'in' },
    { word: 'settings.engine.trouble.exchangeOut', tone: 'warn', details: ['b'], exchange: 'out' },
    { word: 'settings.engine.trouble.exchangeUnknown', tone: 'warn', details: [], count: 2, exchange: 'in' },
    { word: 'settings.engine.trouble.exchangeUnsigned', tone: 'warn', details: [], count: 3, exchange: 'in' },
  ]);
  const many = { ...CALM.exchange, namesUnknown: 730, mayBeMoreNames: true };
  expect(findingsOf({ ...CALM, exchange: many })).toMatchObject([
    { word: 'settings.engine.trouble.exchangeUnknownMany', count: 730 },
  ]);
});
