import { expect, test } from 'vitest';
import {
  INCIDENT_LIFE_CYCLE,
  INCIDENT_STATES,
  INCIDENT_STEPS,
  INCIDENT_TRANSITIONS,
  stepsOf,
  transitionOf,
} from './life-cycle.ts';

test('[IC25] each transition stands once, between states that there are, and names one of the eight', () => {
  const steps = new Set(INCIDENT_STEPS.map(({ id }) => id));
  expect(steps.size).toBe(8);
  const seen = new Set<string>();
  for (const { from, to, step, by } of INCIDENT_LIFE_CYCLE) {
    expect(seen.has(`${from} ${to}`)).toBe(false);
    seen.add(`${from} ${to}`);
    expect(INCIDENT_STATES).toContain(from);
    expect(INCIDENT_STATES).toContain(to);
    expect(steps).toContain(step);
    expect(by.length).toBeGreaterThan(0);
  }
});

test('[IC25] every state is reached from new, and an end is reached from every state', () => {
  const after = (state: string) =>
    INCIDENT_LIFE_CYCLE.filter(({ from }) => from === state).map(({ to }) => to);
  const reach = (state: string) => {
    const found = new Set([state]);
    for (const one of found) for (const next of after(one)) found.add(next);
    return found;
  };
  expect(reach('new')).toEqual(new Set(INCIDENT_STATES));
  for (const state of INCIDENT_STATES) {
    const ends = reach(state);
    expect(ends.has('closed') || ends.has('cancelled')).toBe(true);
  }
  expect([after('closed'), after('cancelled')]).toEqual([[], []]);
});

test('[IC25] people choose among the rows that are theirs; nothing closes without the need of cause and action', () => {
  expect(INCIDENT_TRANSITIONS.resolved).toEqual(['in_progress', 'restored']);
  const closing = INCIDENT_LIFE_CYCLE.filter(({ to }) => to === 'closed');
  expect(closing.every(({ needs }) => needs.includes('cause-of-outage'))).toBe(true);
  expect(transitionOf('new', 'closed')).toBeUndefined();
});

test.each([
  [
    'new, kind unknown',
    { state: 'new', identified: false, late: false },
    'done now open open open open open open',
  ],
  ['new', { state: 'new', identified: true, late: false }, 'done done done now open open open open'],
  [
    'assigned',
    { state: 'assigned', identified: true, late: false },
    'done done done done now open open open',
  ],
  [
    'at work, late',
    { state: 'in_progress', identified: true, late: true },
    'done done done done done late now open',
  ],
  [
    'resolved',
    { state: 'resolved', identified: true, late: false },
    'done done done done done done done now',
  ],
  ['closed', { state: 'closed', identified: true, late: false }, 'done done done done done done done done'],
  [
    'cancelled',
    { state: 'cancelled', identified: true, late: true },
    'done done open open open open open open',
  ],
] as const)('[IC25] the eight of an incident that is %s', (_what, facts, expected) => {
  expect(
    stepsOf(facts)
      .map(({ standing }) => standing)
      .join(' '),
  ).toBe(expected);
});
