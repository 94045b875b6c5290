import { expect, test } from 'vitest';
import type { Rule } from '@muster/shared/api/rules.ts';
import { type Standing, standingsOf } from './standing.ts';

function rule(id: string, selector: Partial<Rule['selector']>, more: Partial<Rule> = {}): Standing['rule'] {
  return {
    id,
    name: id,
    enabled: true,
    selector: { class: null, tag: null, ciId: null, instance: null, ...selector },
    condition: {
      type: 'threshold',
      metric: 'filesystem.utilisation',
      op: 'above',
      levels: [{ severity: 'warning', level: 90, clear: 85 }],
      forMs: 0,
      keepForMs: 0,
      floor: null,
    },
    ...more,
  };
}

const machine = {
  id: 'ci_1',
  class: 'Server',
  tags: ['web'],
  belongsTo: { locations: ['ci_room', 'ci_hq'], services: [] },
};
const series = { family: 'threshold above filesystem.utilisation', instance: '/var' } as const;
const words = (rules: Standing['rule'][], of: typeof machine = machine) =>
  standingsOf(rules, of, series).map(({ id, verdict }) =>
    [
      id,
      verdict.type,
      verdict.type === 'outdone' ? `${verdict.by} ${verdict.step}` : '',
      verdict.type === 'elsewhere' ? verdict.step : '',
    ]
      .filter(Boolean)
      .join(' '),
  );

test('[DB148] the most particular rule is in force: instance before machine before tag before class', () => {
  const all = [
    rule('any', {}),
    rule('class', { class: ['Server'] }),
    rule('tag', { tag: 'web' }),
    rule('machine', { ciId: 'ci_1' }),
    rule('instance', { instance: '/v*' }),
  ];
  expect(words(all)).toEqual([
    'instance in-force',
    'machine outdone instance instance',
    'tag outdone instance instance',
    'class outdone instance instance',
    'any outdone instance instance',
  ]);
  expect(words(all.slice(0, 3))).toEqual(['tag in-force', 'class outdone tag tag', 'any outdone tag tag']);
});

test('[DB148] equally particular rules are both in force', () => {
  expect(words([rule('a', { tag: 'web' }), rule('b', { tag: 'web' })])).toEqual(['a in-force', 'b in-force']);
});

test('[DB148] a rule that is off, or for something else, says so, and others stand', () => {
  expect(
    words([
      rule('off', { ciId: 'ci_1' }, { enabled: false }),
      rule('other machine', { ciId: 'ci_2' }),
      rule('other class', { class: ['Workstation'] }),
      rule('other tag', { tag: 'db' }),
      rule('other instance', { instance: '/home' }),
      rule('stands', {}),
    ]).toSorted(),
  ).toEqual(
    [
      'off off',
      'other machine elsewhere ciId',
      'other class elsewhere class',
      'other tag elsewhere tag',
      'other instance elsewhere instance',
      'stands in-force',
    ].toSorted(),
  );
});

test('[DB148] a rule for a location is in force where the machine is in it, and before the class', () => {
  expect(
    words([
      rule('here', { location: 'ci_hq' }),
      rule('there', { location: 'ci_plant' }),
      rule('class', { class: ['Server'] }),
    ]),
  ).toEqual(['here in-force', 'class outdone here location', 'there elsewhere location']);
});

test('[RU37] of two places the nearer one is in force', () => {
  const all = [rule('house', { location: 'ci_hq' }), rule('room', { location: 'ci_room' })];
  expect(words(all)).toEqual(['room in-force', 'house outdone room location']);
});
