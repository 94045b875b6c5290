import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hiddenIn } from './hidden.ts';
import type { PartPicture, SectionPicture } from './picture.ts';

const part = (keys: string[], serial: string | null): PartPicture => ({
  class: 'Component',
  name: 'A1',
  keys,
  attributes: { serial, sizeBytes: 8 },
});
const picture = (domain: string | null, ...parts: PartPicture[]): SectionPicture => ({
  section: 'hardware',
  attributes: { domain, model: 'R650' },
  parts,
});

test.each([
  ['an attribute', picture('x'), picture(null), { attributes: ['domain'] }],
  [
    'an attribute of a part, also where it is one of its keys',
    picture('x', part(['serial s1', 'slot A1'], 's1')),
    picture('x', part(['slot A1'], null)),
    { partAttributes: ['Component serial'] },
  ],
  ['a list of parts', picture('x', part(['slot A1'], null)), picture('x'), { classes: ['Component'] }],
  [
    'all that a part is known by',
    picture('x', part(['serial s1'], 's1')),
    picture('x', part(['slot A1'], null)),
    { classes: ['Component'] },
  ],
])('[CF61] hidden is what differs without what was switched: %s', (_what, told, alike, expected) => {
  const hidden = hiddenIn([{ told: [told], alike: [alike] }]).get('hardware');
  const sets = { attributes: [], partAttributes: [], classes: [], ...expected };
  for (const name of ['attributes', 'partAttributes', 'classes'] as const)
    expect([...(hidden?.[name] ?? [])]).toEqual(sets[name]);
});

test('[CF61] of two states that is hidden which is hidden in one of them', () => {
  const states = fc.record({
    domain: fc.option(fc.constant('x')),
    parts: fc.subarray([part(['slot A1'], 's1'), part(['slot A2'], null)]),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(states, states), { minLength: 1, maxLength: 3 }), (pairs) => {
      const pictures = pairs.map(([told, alike]) => ({
        told: [picture(told.domain, ...told.parts)],
        alike: [picture(alike.domain, ...alike.parts)],
      }));
      const together = hiddenIn(pictures).get('hardware');
      const each = pictures.map((one) => hiddenIn([one]).get('hardware'));
      expect(together?.attributes).toEqual(new Set(each.flatMap((one) => [...(one?.attributes ?? [])])));
      expect(together?.classes).toEqual(new Set(each.flatMap((one) => [...(one?.classes ?? [])])));
    }),
  );
});
