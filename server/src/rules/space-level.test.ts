import { expect, test } from 'vitest';
import type { StoredRule } from './rule.ts';
import { spaceLevel } from './space-level.ts';
import { machineEntry } from './stage.ts';

const GIB = 2 ** 30;
type Levels = Extract<StoredRule['condition'], { type: 'threshold' }>['levels'];

function rule(id: string, levels: Levels, selector: Partial<StoredRule['selector']> = {}): StoredRule {
  return {
    id,
    name: id,
    enabled: true,
    selector: { class: null, tag: null, ciId: null, instance: null, ...selector },
    condition: {
      type: 'threshold',
      metric: 'filesystem.utilisation',
      op: 'above',
      levels,
      forMs: 0,
      keepForMs: 0,
      floor: { metric: 'filesystem.available', op: 'below', level: 10 * GIB },
    },
    owner: null,
    agreedOn: null,
    explanation: { en: '', zh: '' },
    pack: null,
    createdAtMs: 0,
    updatedAtMs: 0,
  };
}

const pack = rule('disk', [
  { severity: 'warning', level: 90, clear: 85 },
  { severity: 'critical', level: 95, clear: 90, floor: 5 * GIB },
]);

test('[CP10] the most severe level counts; on a large disk its floor of free bytes lies higher', () => {
  expect(spaceLevel([pack], machineEntry(), '/', 40 * GIB)).toMatchObject({
    percent: 95,
    severity: 'critical',
    ruleId: 'disk',
  });
  expect(spaceLevel([pack], machineEntry(), '/', 1_000 * GIB)?.percent).toBeCloseTo(99.5, 6);
});

test('[CP10] of two rules the one that is breached first, and only where it applies', () => {
  const strict = rule('strict', [{ severity: 'critical', level: 50, clear: 40, floor: 100 * GIB }], {
    instance: '/var*',
  });
  expect(spaceLevel([pack, strict], machineEntry(), '/var/lib', 100 * GIB)?.ruleId).toBe('strict');
  expect(spaceLevel([pack, strict], machineEntry(), '/', 100 * GIB)?.ruleId).toBe('disk');
  expect(spaceLevel([{ ...pack, enabled: false }], machineEntry(), '/', 100 * GIB)).toBe(null);
});

test('[RU26] a more particular rule counts instead, also where its level lies higher', () => {
  const lenient = rule('lenient', [{ severity: 'critical', level: 98, clear: 96 }], {
    ciId: machineEntry().id,
  });
  expect(spaceLevel([pack, lenient], machineEntry(), '/', 40 * GIB)?.ruleId).toBe('lenient');
  expect(spaceLevel([pack, lenient], machineEntry({ id: 'ci_2' }), '/', 40 * GIB)?.ruleId).toBe('disk');
});

test('[RU37] the rule of a place counts for what stands there, that of the nearer place first', () => {
  const belonging = {
    locationsOf: (ciId: string) => (ciId === 'ci_1' ? ['ci_room', 'ci_house'] : []),
    servicesOf: () => [],
  };
  const levels: Levels = [{ severity: 'critical', level: 70, clear: 60, floor: 100 * GIB }];
  const house = rule('house', levels, { location: 'ci_house' });
  const room = rule('room', levels, { location: 'ci_room' });
  const inForce = (rules: readonly StoredRule[], id: string) =>
    spaceLevel(rules, machineEntry({ id }), '/', 40 * GIB, belonging)?.ruleId;
  expect(inForce([pack, house], 'ci_1')).toBe('house');
  expect(inForce([pack, house, room], 'ci_1')).toBe('room');
  expect(inForce([pack, house, room], 'ci_2')).toBe('disk');
});
