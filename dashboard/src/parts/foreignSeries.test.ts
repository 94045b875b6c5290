import { expect, test } from 'vitest';
import type { ForeignSeries } from '@muster/shared/api/remote-write.ts';
import { FED_STALE_MS, fedBy, isFedAt, whoTells } from './foreignSeries.ts';

const series = (metric: string, more: Partial<ForeignSeries> = {}): ForeignSeries => ({
  metric,
  instance: '',
  mappingId: 'node',
  mappingName: 'node_exporter',
  sender: 'token:a',
  since: '2026-11-20T10:00:00.000Z',
  agentReports: false,
  ...more,
});
const value = (metric: string, at: string) => ({ metric, instance: '', value: 1, unit: '', at });

test('[RW19] what senders tell is told by mapping and sender, with the newest value of each', () => {
  const fed = fedBy(
    [
      series('load.1m'),
      series('load.5m', { since: '2026-11-19T10:00:00.000Z' }),
      series('swap.total', { sender: 'token:b' }),
    ],
    [
      value('load.1m', '2026-11-21T10:00:00.000Z'),
      value('load.5m', '2026-11-21T10:00:05.000Z'),
      value('cpu.utilisation', '2026-11-21T11:00:00.000Z'),
    ],
  );
  expect(fed?.newestMs).toBe(Date.UTC(2026, 10, 21, 10, 0, 5));
  expect(fed?.latest.map(({ metric }) => metric)).toEqual(['load.1m', 'load.5m']);
  expect(fed?.sources).toMatchObject([
    {
      mapping: 'node_exporter',
      sender: 'token:a',
      sinceMs: Date.UTC(2026, 10, 19, 10),
      newestMs: fed?.newestMs,
    },
    { sender: 'token:b', newestMs: null },
  ]);
});

test('[RW19] a machine is not fed by series that its agent tells by now', () => {
  expect(fedBy([series('load.1m', { agentReports: true })], [])).toBeNull();
  expect(fedBy([], [])).toBeNull();
});

const FED = fedBy([series('load.1m')], [value('load.1m', '2026-11-21T10:00:00.000Z')]);

test.each([
  ['its agent, whatever senders tell', 'agent', { fed: FED, error: null }, 'agent'],
  ['its agent, while nothing is known of senders', 'agent', { fed: undefined, error: null }, 'agent'],
  ['senders', null, { fed: FED, error: null }, 'senders'],
  ['nobody', null, { fed: null, error: null }, 'nobody'],
  ['not known yet', null, { fed: undefined, error: null }, 'unread'],
  ['not to be read', null, { fed: undefined, error: new Error('unreachable') }, 'unreadable'],
] as const)('[DB216] who tells how a machine does: %s', (_, agentId, answer, expected) => {
  expect(whoTells(agentId, answer)).toBe(expected);
});

test('[DB215] senders feed a machine as long as their newest value is not stale', () => {
  const atMs = Date.UTC(2026, 10, 21, 10);
  expect(isFedAt(FED, atMs + FED_STALE_MS - 1)).toBe(true);
  expect(isFedAt(FED, atMs + FED_STALE_MS)).toBe(false);
  expect(isFedAt(fedBy([series('load.1m')], []), atMs)).toBe(false);
  expect(isFedAt(null, atMs)).toBe(false);
  expect(isFedAt(undefined, atMs)).toBe(false);
});
