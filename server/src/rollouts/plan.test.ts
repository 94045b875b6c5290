import fc from 'fast-check';
import { NewRollout } from '@muster/shared/api/rollouts.ts';
import { expect, test } from 'vitest';
import { type Candidate, placeOf, planRollout, skipReason } from './plan.ts';
import { candidate, installed, TARGET } from './testing.ts';

const WISH = NewRollout.parse({ serial: TARGET.serial });
const ringsOf = (candidates: readonly Candidate[], wish: Partial<NewRollout> = {}, seed = 'a') => {
  const plan = planRollout(candidates, TARGET, { ...WISH, ...wish }, seed);
  const of = (name: string | null) => plan.filter(({ ring }) => ring === name).map(({ candidate: c }) => c);
  return { pilot: of('pilot'), early: of('early'), all: of('all'), skipped: of(null) };
};
const many = (count: number, more: (i: number) => Partial<Candidate> = () => ({})) =>
  Array.from({ length: count }, (_, i) => candidate(i, more(i)));

test('[RO3] without a tag the pilot is one of each site and platform, those that are connected first', () => {
  const sites = ['Berlin', 'Wien', null];
  const { pilot } = ringsOf(
    many(60, (i) => ({
      site: sites[i % 3] ?? null,
      connected: i % 2 === 0,
      release: installed({ platform: i % 4 < 2 ? 'linux-x64' : 'linux-arm64' }),
    })),
    { pilotCount: 6 },
  );
  expect(new Set(pilot.map(({ site, release }) => `${site} ${release?.platform}`)).size).toBe(6);
  expect(pilot.filter(({ connected }) => connected)).toHaveLength(6);
});

test('[RO3] a tag names the pilot; the second ring is a share of all, the third the rest', () => {
  const fleet = many(100, (i) => ({ tags: i < 7 ? ['canary', 'it'] : ['it'] }));
  const { pilot, early, all } = ringsOf(fleet, { pilotTag: 'canary', earlyPercent: 10 });
  expect([pilot.length, early.length, all.length]).toEqual([7, 10, 83]);
  expect(pilot.every(({ tags }) => tags.includes('canary'))).toBe(true);
});

test('[RO3] each agent is in one ring or skipped, with the same plan for the same seed in whatever order they come', () => {
  const fleet = fc.array(
    fc.record({
      site: fc.constantFrom('a', 'b', null),
      connected: fc.boolean(),
      pinned: fc.boolean(),
      tags: fc.subarray(['x', 'y']),
      revoked: fc.boolean(),
    }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(fleet, fc.nat(60), fc.integer({ min: 1, max: 100 }), (more, pilotCount, earlyPercent) => {
      const candidates = more.map((one, i) => candidate(i, one));
      const wish = { pilotCount: pilotCount + 1, earlyPercent, tags: ['x'] };
      const { pilot, early, all, skipped } = ringsOf(candidates, wish);
      const ids = [...pilot, ...early, ...all, ...skipped].map(({ agentId }) => agentId);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.length).toBe(candidates.filter(({ tags }) => tags.includes('x')).length);
      const part = pilot.length + early.length + all.length;
      expect(pilot.length).toBe(Math.min(pilotCount + 1, part));
      expect(skipped.every(({ pinned, revoked }) => pinned || revoked)).toBe(true);
      expect(ringsOf(candidates.toReversed(), wish)).toEqual({ pilot, early, all, skipped });
    }),
  );
});

test.each<[string, Partial<Candidate>, string | null]>([
  ['may', {}, null],
  ['is pinned', { pinned: true }, 'pinned'],
  ['was revoked', { revoked: true, pinned: true }, 'revoked'],
  ['takes no upgrades', { release: null }, 'no-ability'],
  ['is on it', { release: installed({ serial: TARGET.serial }) }, 'already'],
  ['is on a higher one', { release: installed({ serial: TARGET.serial + 1 }) }, 'already'],
  ['trusts another key', { release: installed({ key: 'x'.repeat(43) }) }, 'key'],
  ['is a development build', { release: installed({ development: true }) }, 'key'],
  ['runs on another platform', { release: installed({ platform: 'win-x64' }) }, 'platform'],
  ['was taken back before', { release: installed({ takenBack: { serial: TARGET.serial, why: 'x' } }) }, null],
])('[RO2] an agent that %s: %o', (_what, more, reason) => {
  expect(skipReason(candidate(1, more), TARGET)).toBe(reason);
});

test.each([
  ['Berlin', '10.0.0.1', 'site Berlin'],
  [null, '10.1.2.3', 'net 10.1.2'],
  [null, '::ffff:10.1.2.3', 'net 10.1.2'],
  [null, '2001:db8:0:7::12', 'net 2001:db8:0:7'],
  [null, 'fe80::1%eth0', 'net fe80:0:0:0'],
  [null, null, 'nowhere'],
])('[RO6] agents share the line of their site, or of their network: %s %s → %s', (site, address, place) => {
  expect(placeOf({ site, address })).toBe(place);
});
