import { expect, test } from 'vitest';
import type { CiSummary } from '@muster/shared/api/cmdb.ts';
import type { IncidentSummary } from '@muster/shared/api/incidents.ts';
import { countPresences, filterRows, heldOrder, highestOf, machineRows } from './rows.ts';

const ci = (name: string, change: Partial<CiSummary> = {}): CiSummary => ({
  id: name,
  class: 'Server',
  name,
  lifecycle: 'in_use',
  criticality: 3,
  presence: 'up',
  cause: null,
  expected: true,
  state: 'up',
  presenceSince: null,
  lastSeenAt: null,
  tags: [],
  site: null,
  openIncidents: 0,
  attributes: {},
  ...change,
});
const incident = (ciId: string, priority: number): IncidentSummary => ({
  id: `${ciId}${priority}`,
  ref: 'INC-0001',
  title: { en: '', zh: '' },
  state: 'new',
  priority,
  impact: 1,
  urgency: 1,
  why: { en: '', zh: '' },
  ci: { id: ciId, name: ciId, class: 'Server' },
  assignee: null,
  source: 'monitor',
  openedAt: '2026-01-01T00:00:00.000Z',
  breachedAt: null,
  acknowledgedAt: null,
  resolvedAt: null,
  verifyUntil: null,
  sla: {
    respondBy: '2026-01-01T00:00:00.000Z',
    respondedAt: null,
    restoreBy: '2026-01-01T00:00:00.000Z',
    restoredAt: null,
    paused: false,
  },
  version: 1,
});
const none = new Map<string, never>();
const rows = (cis: CiSummary[], incidents: IncidentSummary[] = []) =>
  machineRows({ cis, incidents, cpu: none, memory: none, disk: none, rules: [] });

test('[DB31] open incidents by priority come first, then silence, then names', () => {
  const list = rows(
    [
      ci('b'),
      ci('a10'),
      ci('a2'),
      ci('silent', { presence: 'down', cause: 'host-down', state: 'silent' }),
      ci('p3'),
      ci('p1'),
    ],
    [incident('p3', 3), incident('p1', 4), incident('p1', 1)],
  );
  expect(list.map((row) => row.ci.name)).toEqual(['p1', 'p3', 'silent', 'a2', 'a10', 'b']);
  expect(list[0]?.incident?.priority).toBe(1);
});

test('[DB22] a machine that is not heard has no present CPU and memory, but its last known disk', () => {
  const value = new Map([['x', { value: 50, instance: '/' }]]);
  const [row] = machineRows({
    cis: [ci('x', { presence: 'asleep', state: 'asleep' })],
    incidents: [],
    cpu: value,
    memory: value,
    disk: value,
    rules: [],
  });
  expect([row?.cpu, row?.memory, row?.disk?.value]).toEqual([undefined, undefined, 50]);
});

test('[DB31] the text filter finds name, place, tag and attributes such as a serial', () => {
  const list = rows([
    ci('alpha', { attributes: { serial: '7XK2Q93' } }),
    ci('beta', { site: 'Hangzhou, 3F', tags: ['erp'] }),
  ]);
  const found = (text: string) =>
    filterRows(list, { class: undefined, site: undefined, tag: undefined, text }).map((row) => row.ci.name);
  expect(found('7xk2')).toEqual(['alpha']);
  expect(found('3f')).toEqual(['beta']);
  expect(found('ERP')).toEqual(['beta']);
  expect(found('')).toEqual(['alpha', 'beta']);
  expect(countPresences(list).up).toBe(2);
});

test('[DB32] a held order keeps what is seen and counts the rows that would move', () => {
  const held = heldOrder(['c', 'a', 'b', 'new'], (id) => id, ['a', 'b', 'c']);
  expect(held).toEqual({ rows: ['a', 'b', 'c', 'new'], moved: 3 });
  expect(heldOrder(['a', 'b'], (id) => id, ['a', 'b']).moved).toBe(0);
});

test('[DB31] the fullest file system of a machine is the first of a list that stands highest first', () => {
  const highest = highestOf([
    { ciId: 'x', instance: '/var', value: 90 },
    { ciId: 'x', instance: '/', value: 20 },
  ]);
  expect(highest.get('x')).toEqual({ instance: '/var', value: 90 });
});
