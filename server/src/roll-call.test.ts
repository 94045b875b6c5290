import type { PresenceState } from '@muster/shared/presence/state.ts';
import { expect, test } from 'vitest';
import type { CiEntry } from './cmdb/directory.ts';
import { rollCall } from './roll-call.ts';

const machine = (id: string, site: string | null, lifecycle: CiEntry['lifecycle'] = 'in_use') => ({
  id,
  name: `name-${id}`,
  site,
  lifecycle,
});

const states = new Map<string, PresenceState>([
  ['a', 'up'],
  ['b', 'silent'],
  ['c', 'up'],
  ['d', 'asleep'],
]);

test('[DB201] the roll has every machine of the fleet once, the largest site first, those without one last', () => {
  const roll = rollCall(
    [machine('d', null), machine('e', null), machine('f', null), machine('c', 'Suzhou')].concat(
      machine('b', 'Hangzhou'),
      machine('a', 'Hangzhou'),
      machine('g', 'Hangzhou', 'retired'),
    ),
    (id) => states.get(id),
  );
  expect(roll.map(({ site, fleet }) => [site, fleet.total])).toEqual([
    ['Hangzhou', 2],
    ['Suzhou', 1],
    [null, 3],
  ]);
  expect(roll[0]).toEqual({
    site: 'Hangzhou',
    fleet: { total: 2, up: 1, asleep: 0, off: 0, planned: 0, silent: 1, unknown: 0 },
    cells: [
      ['a', 'name-a', 'up'],
      ['b', 'name-b', 'silent'],
    ],
  });
  expect(roll[2]?.fleet).toMatchObject({ asleep: 1, unknown: 2 });
});
