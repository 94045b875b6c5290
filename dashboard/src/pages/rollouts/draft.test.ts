import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NewRollout } from '@muster/shared/api/rollouts.ts';
import {
  blankDraft,
  bodyOf,
  isInRange,
  type NumberField,
  previewProblem,
  RANGES,
  type RolloutDraft,
  wrongNumbers,
} from './draft.ts';

const BLANK = blankDraft(12);

test('[DB225] an untouched plan is what the server would do of its own accord', () => {
  expect(NewRollout.parse(bodyOf(BLANK))).toEqual(NewRollout.parse({ serial: 12 }));
});

test('[DB225] pilots are a number or a tag, never both', () => {
  const byTag = bodyOf({ ...BLANK, pilotsBy: 'tag', pilotTag: ' canary ' });
  expect(byTag).toMatchObject({ pilotTag: 'canary' });
  expect(byTag).not.toHaveProperty('pilotCount');
  expect(bodyOf({ ...BLANK, pilotsBy: 'tag', pilotTag: ' ' })).toBeNull();
  expect(bodyOf({ ...BLANK, pilotTag: 'canary' })).toMatchObject({ pilotTag: null, pilotCount: 5 });
});

test('[DB225] tags are parted by commas of either script, each once', () => {
  expect(bodyOf({ ...BLANK, tags: 'web， db,web ,' })).toMatchObject({ tags: ['web', 'db'] });
  expect(bodyOf({ ...BLANK, tags: 'x'.repeat(65) })).toBeNull();
});

test('[DB225] a number that nobody needs does not stand in the way', () => {
  const draft: RolloutDraft = { ...BLANK, pilotsBy: 'tag', pilotTag: 'canary', pilotCount: '' };
  expect(wrongNumbers(draft)).toEqual([]);
  expect(bodyOf(draft)).not.toBeNull();
  expect(wrongNumbers({ ...BLANK, pilotCount: '' })).toEqual(['pilotCount']);
});

const typed = fc.oneof(
  fc.integer({ min: -5, max: 12_000 }).map(String),
  fc.double({ min: -1, max: 200, noNaN: true }).map(String),
  fc.constantFrom('', ' ', 'x', '1e3', 'Infinity', '-0', '5 '),
);

test('[DB225] a number is told to be wrong exactly where the server would refuse it', () => {
  const shape: Record<NumberField, (value: number) => object> = {
    pilotCount: (pilotCount) => ({ pilotCount }),
    earlyPercent: (earlyPercent) => ({ earlyPercent }),
    failedPercentMax: (failedPercentMax) => ({ gate: { failedPercentMax } }),
    watchMinutes: (watchMinutes) => ({ gate: { watchMinutes } }),
    atOnceMax: (atOnceMax) => ({ pace: { atOnceMax } }),
    perSiteMax: (perSiteMax) => ({ pace: { perSiteMax } }),
    trialMinutes: (trialMinutes) => ({ trialMinutes }),
  };
  const fields = fc.constantFrom(...(Object.keys(RANGES) as NumberField[]));
  fc.assert(
    fc.property(fields, typed, (field, text) => {
      const taken =
        text.trim() !== '' && NewRollout.safeParse({ serial: 1, ...shape[field](Number(text)) }).success;
      expect(isInRange(field, text)).toBe(taken);
    }),
  );
  for (const field of Object.keys(RANGES) as NumberField[]) {
    const { min, max } = RANGES[field];
    for (const [value, taken] of [
      [min, true],
      [max, true],
      [min - 1, false],
      [max + 1, false],
    ] as const) {
      expect(isInRange(field, String(value))).toBe(taken);
      expect(NewRollout.safeParse({ serial: 1, ...shape[field](value) }).success).toBe(taken);
    }
  }
});

test('[DB225] what stands in the way of no field is taken by the server', () => {
  const drafts = fc.record({
    pilotsBy: fc.constantFrom('count' as const, 'tag' as const),
    pilotTag: fc.string({ maxLength: 70 }),
    tags: fc.string({ maxLength: 90 }),
    rollBack: fc.boolean(),
    pilotCount: typed,
    earlyPercent: typed,
  });
  fc.assert(
    fc.property(drafts, (part) => {
      const body = bodyOf({ ...BLANK, ...part });
      if (body !== null) expect(NewRollout.safeParse(body).success).toBe(true);
    }),
  );
});

test('[DB225] nothing is started for nobody, nor without the pilots that a tag was to name', () => {
  const rings = (pilot: number, all: number) => ({
    rings: [
      { name: 'pilot' as const, agents: pilot, examples: [] },
      { name: 'all' as const, agents: all, examples: [] },
    ],
  });
  expect(previewProblem(rings(0, 0), { pilotsBy: 'count' })).toBe('nobody');
  expect(previewProblem(rings(0, 9), { pilotsBy: 'tag' })).toBe('noPilots');
  expect(previewProblem(rings(3, 0), { pilotsBy: 'tag' })).toBeUndefined();
  expect(previewProblem(rings(5, 9), { pilotsBy: 'count' })).toBeUndefined();
});
