import { INCIDENT_STATES, type IncidentSummary } from '@muster/shared/api/incidents.ts';
import { HOUR_MS, toIso } from '@muster/shared/time.ts';
import type { Alert } from '@muster/shared/api/rules.ts';
import { expect, test } from 'vitest';
import { ageTone, byUrgency, groupOf, matches } from './groups.ts';
import { patched } from '../../parts/incidentPatch.ts';
import { asks, BOARD_STATES, nextStates, recoveryStandsOn } from './moves.ts';

function incident(some: Partial<IncidentSummary> = {}): IncidentSummary {
  return {
    id: 'inc_1',
    ref: 'INC-0001',
    title: { en: 'Disk full', zh: '磁盘已满' },
    state: 'new',
    priority: 2,
    impact: 2,
    urgency: 2,
    why: { en: '', zh: '' },
    hand: null,
    judgedPriority: 2,
    affectedCount: 1,
    category: null,
    supportGroup: null,
    parent: null,
    mergedInto: null,
    unclaimedSince: null,
    ci: { id: 'ci_1', name: 'SRV-ERP01', class: 'Server' },
    assignee: null,
    source: 'monitor',
    openedAt: toIso(0),
    breachedAt: null,
    acknowledgedAt: null,
    resolvedAt: null,
    verifyUntil: null,
    sla: {
      respondBy: toIso(HOUR_MS),
      respondedAt: null,
      restoreBy: toIso(8 * HOUR_MS),
      restoredAt: null,
      paused: false,
    },
    version: 1,
    ...some,
  };
}
const reader = { me: 'anna', titleOf: ({ title }: IncidentSummary) => title.zh };

test.each([
  [{}, 'unclaimed'],
  [{ assignee: 'anna', state: 'assigned' }, 'mine'],
  [{ assignee: 'bo', state: 'in_progress' }, 'others'],
  [{ assignee: 'anna', state: 'on_hold' }, 'onHold'],
  [{ assignee: 'anna', state: 'resolved' }, 'waiting'],
  [{ state: 'restored' }, 'waiting'],
  [{ state: 'closed' }, 'over'],
  [{ state: 'cancelled' }, 'over'],
] as const)('[DB120] %o stands in the group %s', (some, group) => {
  expect(groupOf(incident(some), 'anna')).toBe(group);
});

test('[DB120] worst first, then what is due first', () => {
  const due = (id: string, priority: number, hours: number) =>
    incident({ id, priority, sla: { ...incident().sla, restoreBy: toIso(hours * HOUR_MS) } });
  const order = [due('c', 2, 9), due('b', 2, 3), due('a', 1, 20)].sort(byUrgency).map(({ id }) => id);
  expect(order).toEqual(['a', 'b', 'c']);
});

test('[DB121] priority, state, holder and text narrow the list, text in the language of the reader', () => {
  expect(matches(incident(), { q: 'erp01' }, reader)).toBe(true);
  expect(matches(incident(), { q: '磁盘' }, reader)).toBe(true);
  expect(matches(incident(), { q: 'Disk' }, reader)).toBe(false);
  expect(matches(incident(), { priority: 'P1,P2' }, reader)).toBe(true);
  expect(matches(incident(), { priority: 'P1' }, reader)).toBe(false);
  expect(matches(incident(), { priority: 'P1' }, reader, 'priority')).toBe(true);
  expect(matches(incident(), { holder: '-' }, reader)).toBe(true);
  expect(matches(incident({ assignee: 'bo' }), { holder: '-' }, reader)).toBe(false);
  expect(matches(incident({ assignee: 'bo' }), { holder: 'bo', state: 'new' }, reader)).toBe(true);
  expect(matches(incident({ assignee: 'bo' }), { view: 'mine' }, reader)).toBe(false);
});

test('[DB122] a message replaces, adds or takes away one incident, and never brings back an older version', () => {
  const before = [incident({ version: 3 })];
  expect(patched(before, incident({ version: 2, priority: 1 }), 'unfinished')).toEqual(before);
  expect(patched(before, incident({ version: 4, priority: 1 }), 'unfinished')[0]?.priority).toBe(1);
  expect(patched(before, incident({ version: 4, state: 'resolved' }), 'unfinished')).toHaveLength(1);
  expect(patched(before, incident({ version: 4, state: 'resolved' }), 'open')).toEqual([]);
  expect(patched(before, incident({ version: 4, state: 'closed' }), 'unfinished')).toEqual([]);
  expect(patched(before, incident({ id: 'inc_2' }), 'open').map(({ id }) => id)).toEqual(['inc_2', 'inc_1']);
});

test('[DB120] age turns amber and red with the time to restore, and stays calm on hold', () => {
  expect(ageTone(incident(), HOUR_MS)).toBe('calm');
  expect(ageTone(incident(), 6 * HOUR_MS)).toBe('warn');
  expect(ageTone(incident(), 8 * HOUR_MS)).toBe('crit');
  expect(ageTone(incident({ state: 'resolved' }), 9 * HOUR_MS)).toBe('calm');
  expect(ageTone(incident({ sla: { ...incident().sla, paused: true } }), 9 * HOUR_MS)).toBe('calm');
});

test('[IC45] a recovery stands on the alerts that are open, else on the machine, and on nobody where nothing watches', () => {
  const alert = { id: 'alr_1', state: 'open', ruleName: 'CPU busy' } as Alert;
  const of = { state: 'resolved', resolution: 'permanent', affectedCount: 1, alerts: [alert] } as const;
  expect(recoveryStandsOn({ ...of, alerts: [alert] })).toEqual({ open: [alert], openCount: 1 });
  const over = { ...of, alerts: [{ ...alert, state: 'resolved' as const }] };
  expect(recoveryStandsOn(over)).toEqual({ open: [], openCount: 0 });
  expect(recoveryStandsOn({ ...over, resolution: 'not-watched' })).toBeNull();
  expect(recoveryStandsOn({ ...of, alerts: [], affectedCount: 0 })).toBeNull();
});

test('[DB123] every state but cancelled is a column; only moves that need nothing ask nothing', () => {
  expect([...BOARD_STATES, 'cancelled'].toSorted()).toEqual([...INCIDENT_STATES].toSorted());
  const asking = INCIDENT_STATES.filter((to) => asks({ assignee: 'bo' }, to));
  expect(asking).toEqual(['on_hold', 'resolved', 'restored', 'closed', 'cancelled']);
  expect(asks({ assignee: null }, 'assigned')).toBe(true);
  expect(nextStates({ state: 'restored', affectedCount: 1 })).toEqual(['in_progress', 'closed']);
  expect(nextStates({ state: 'resolved', affectedCount: 0 })).toContain('restored');
  expect(nextStates({ state: 'resolved', affectedCount: 1 })).toEqual(['in_progress']);
});
