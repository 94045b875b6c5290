import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allocate, type Demand, type Entitlement, licenceState } from './compliance.ts';

const device = (id: string, version: string, units = 1): Demand => ({
  id,
  holders: [id],
  units,
  versions: [{ version, family: 'dotted' }],
});
const licence = (id: string, quantity: number | null, of: Partial<Entitlement> = {}): Entitlement => ({
  id,
  quantity,
  metric: 'device',
  versionFrom: null,
  versionTo: null,
  named: false,
  assigned: new Set(),
  ...of,
});
const missing = (demands: readonly Demand[], entitlements: readonly Entitlement[]) =>
  [...allocate(demands, entitlements).uncovered.values()].reduce((sum, units) => sum + units, 0);

test('[LI1] versions are covered by range, compared by their family', () => {
  const demands = [device('a', '9.0'), device('b', '10.0')];
  expect([...allocate(demands, [licence('l', 5, { versionTo: '9.99' })]).uncovered.keys()]).toEqual(['b']);
});

test('[LI2] a licence that fits one only is not spent on what others cover as well', () => {
  const demands = [device('a', '10'), device('b', '9')];
  expect(missing(demands, [licence('wide', 1), licence('narrow', 1, { versionFrom: '10' })])).toBe(0);
});

test('[LI3] a named licence covers what it is assigned to; a site has no end', () => {
  const demands = [device('a', '1'), device('b', '1')];
  const named = licence('n', 5, { named: true, assigned: new Set(['a']) });
  expect([...allocate(demands, [named]).uncovered.keys()]).toEqual(['b']);
  expect(missing(demands, [licence('s', 0, { metric: 'site' })])).toBe(0);
  expect(missing(demands, [licence('u', null)])).toBe(0);
});

test('[LI4] cores of one machine may come from two licences', () => {
  const { used, uncovered } = allocate([device('a', '1', 16)], [licence('x', 10), licence('y', 4)]);
  expect([...used.values()]).toEqual([10, 4]);
  expect(uncovered.get('a')).toBe(2);
});

test('[LI5] no way of giving the units covers more of them', () => {
  const demand = fc.record({
    version: fc.integer({ min: 1, max: 4 }),
    units: fc.integer({ min: 1, max: 2 }),
  });
  const range = fc.record({
    from: fc.option(fc.integer({ min: 1, max: 4 })),
    to: fc.option(fc.integer({ min: 1, max: 4 })),
    quantity: fc.integer({ min: 0, max: 3 }),
    named: fc.boolean(),
    assigned: fc.uniqueArray(fc.integer({ min: 0, max: 4 })),
  });
  fc.assert(
    fc.property(fc.array(demand, { maxLength: 4 }), fc.array(range, { maxLength: 3 }), (demands, ranges) => {
      const wanted = demands.map(({ version, units }, i) => device(`d${i}`, String(version), units));
      const held = ranges.map(({ from, to, quantity, named, assigned }, i) =>
        licence(`l${i}`, quantity, {
          versionFrom: from === null ? null : String(from),
          versionTo: to === null ? null : String(to),
          named,
          assigned: new Set(assigned.map((of) => `d${of}`)),
        }),
      );
      const fits = (demandIndex: number, index: number) => {
        const { version } = demands[demandIndex] as { version: number };
        const { from, to, named, assigned } = ranges[index] as (typeof ranges)[number];
        return (
          (from === null || version >= from) &&
          (to === null || version <= to) &&
          (!named || assigned.includes(demandIndex))
        );
      };
      const units = demands.flatMap((one, i) => Array.from({ length: one.units }, () => i));
      const best = (at: number, rest: readonly number[]): number => {
        const of = units[at];
        if (of === undefined) return 0;
        let most = best(at + 1, rest);
        rest.forEach((left, index) => {
          if (left > 0 && fits(of, index))
            most = Math.max(most, 1 + best(at + 1, rest.with(index, left - 1)));
        });
        return most;
      };
      const covered = best(
        0,
        ranges.map(({ quantity }) => quantity),
      );
      const { used, uncovered } = allocate(wanted, held);
      const short = [...uncovered.values()].reduce((sum, each) => sum + each, 0);
      expect(units.length - short).toBe(covered);
      expect([...used.values()].reduce((sum, each) => sum + each, 0)).toBe(covered);
      for (const { id, quantity } of held) expect(used.get(id)).toBeLessThanOrEqual(quantity ?? 0);
    }),
  );
});

test.each([
  ['2026-01-01', '2026-12-31', '2025-12-31T23:59:59Z', 'coming'],
  ['2026-01-01', '2026-12-31', '2026-06-01T00:00:00Z', 'current'],
  ['2026-01-01', '2026-12-31', '2026-12-02T00:00:00Z', 'expiring'],
  ['2026-01-01', '2026-12-31', '2026-12-31T23:59:59Z', 'expiring'],
  ['2026-01-01', '2026-12-31', '2027-01-01T00:00:00Z', 'expired'],
  [null, null, '2026-06-01T00:00:00Z', 'current'],
] as const)('[LI6] a licence from %s to %s is at %s %s', (startsOn, endsOn, at, state) => {
  expect(licenceState({ startsOn, endsOn, warnDays: 30 }, Date.parse(at))).toBe(state);
});
