import { expect, test } from 'vitest';
import { bodyOf, draftOf, groupsOf, moved, withMember, without } from './draft.ts';

const member = (id: string, group: string | null, needed: number | null = null) => ({
  id,
  name: id,
  class: 'Server',
  relationId: `rel_${id}`,
  group,
  needed,
  source: 'human',
  since: '2026-01-01T00:00:00.000Z',
  site: null,
  state: null,
  failing: false,
  openIncidents: 0,
});

test('[MP10] what was read and not touched is what is saved', () => {
  const draft = draftOf([
    member('db', null),
    member('a', 'web', 2),
    member('b', 'web', 2),
    member('c', 'web', 2),
  ]);
  expect(bodyOf(draft)).toEqual({
    required: ['db'],
    groups: [{ name: 'web', needed: 2, members: ['a', 'b', 'c'] }],
  });
});

test('[MP10] a group never needs more than it has, and an empty one is none', () => {
  const draft = draftOf([member('a', 'web', 2), member('b', 'web', 2)]);
  const [first, second] = draft.members;
  const one = first ? moved(draft, first, '') : draft;
  expect(groupsOf(one).map(({ name, needed }) => [name, needed])).toEqual([
    ['', 1],
    ['web', 1],
  ]);
  expect(bodyOf(second ? without(one, second) : one)).toEqual({ required: ['a'], groups: [] });
});

test('[MP10] the same CI stands in a group once', () => {
  const added = { id: 'a', name: 'a', class: 'Server', group: 'web' };
  const draft = withMember(withMember({ members: [], needed: {} }, added), added);
  expect(draft.members).toHaveLength(1);
});
