import { HOUR_MS } from '@muster/shared/time.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RECLASSIFIED_AS } from '@muster/shared/api/availability.ts';
import { createMemoryAgreementStore } from '../store/memory/agreements.ts';
import { layered } from './marks.ts';
import { correctedSince, createReclassifications, mayDecide } from './reclassifications.ts';

const NOW = Date.UTC(2026, 10, 20, 12);
const wish = {
  ciId: 'ci_1',
  fromMs: NOW - 2 * HOUR_MS,
  toMs: NOW - HOUR_MS,
  as: 'excluded',
  reason: 'The street had no power.',
} as const;
const yes = { approve: true, note: '' };

async function setUp() {
  const store = createMemoryAgreementStore();
  let id = 0;
  const deps = { store, newId: (prefix: string) => `${prefix}_${String(++id).padStart(3, '0')}` };
  const reclassifications = await createReclassifications(deps);
  const told: string[] = [];
  reclassifications.marks.onChange((ciId) => told.push(ciId));
  return { reclassifications, deps, told };
}

test('[AV31] a request counts for nothing until a second person approves it', async () => {
  const { reclassifications, told } = await setUp();
  const { id } = await reclassifications.request(wish, 'user:anna', NOW);
  expect(reclassifications.marks.of('ci_1')).toEqual([]);
  await expect(reclassifications.decide(id, yes, 'user:anna', NOW)).rejects.toMatchObject({
    code: 'forbidden',
  });
  await expect(reclassifications.decide(id, yes, 'token:ci', NOW)).rejects.toMatchObject({
    code: 'forbidden',
  });
  const decided = await reclassifications.decide(id, yes, 'user:bo', NOW + 1);
  expect(decided).toMatchObject({ state: 'approved', decidedBy: 'user:bo', decidedAtMs: NOW + 1 });
  expect(reclassifications.marks.of('ci_1')).toEqual([
    { fromMs: wish.fromMs, toMs: wish.toMs, as: 'excluded' },
  ]);
  expect(told).toContain('ci_1');
  await expect(reclassifications.decide(id, yes, 'user:bo', NOW)).rejects.toMatchObject({
    code: 'transition-not-allowed',
  });
});

test('[AV31] nobody who asked and no token may decide; an API token cannot ask either', async () => {
  const { reclassifications } = await setUp();
  const record = await reclassifications.request(wish, 'user:anna', NOW);
  expect(['user:anna', 'user:bo', 'token:ci', 'system'].map((who) => mayDecide(record, who))).toEqual([
    false,
    true,
    false,
    false,
  ]);
  await expect(reclassifications.request(wish, 'token:ci', NOW)).rejects.toMatchObject({ code: 'forbidden' });
});

test('[AV32] a refusal says why; who asked may withdraw; only the past is judged', async () => {
  const { reclassifications } = await setUp();
  const first = await reclassifications.request(wish, 'user:anna', NOW);
  await expect(
    reclassifications.decide(first.id, { approve: false, note: '' }, 'user:bo', NOW),
  ).rejects.toMatchObject({ code: 'input-invalid' });
  expect(
    await reclassifications.decide(first.id, { approve: false, note: 'It was our fuse.' }, 'user:bo', NOW),
  ).toMatchObject({ state: 'refused' });
  const second = await reclassifications.request(wish, 'user:anna', NOW);
  await expect(reclassifications.withdraw(second.id, 'user:bo', NOW)).rejects.toMatchObject({
    code: 'forbidden',
  });
  expect(await reclassifications.withdraw(second.id, 'user:anna', NOW)).toMatchObject({ state: 'withdrawn' });
  await expect(reclassifications.request({ ...wish, toMs: NOW + 1 }, 'user:anna', NOW)).rejects.toMatchObject(
    { code: 'range-invalid' },
  );
  expect(reclassifications.marks.of('ci_1')).toEqual([]);
});

test('[AV33] what is in force is taken back by another request, again by two people, and survives a restart', async () => {
  const { reclassifications, deps } = await setUp();
  const { id } = await reclassifications.request(wish, 'user:anna', NOW);
  await reclassifications.decide(id, yes, 'user:bo', NOW);
  expect((await createReclassifications(deps)).marks.of('ci_1')).toHaveLength(1);
  const undo = await reclassifications.undo(id, 'The power company disagrees.', 'user:bo', NOW);
  await expect(reclassifications.undo(id, 'Again, please.', 'user:anna', NOW)).rejects.toMatchObject({
    code: 'transition-not-allowed',
  });
  await expect(reclassifications.decide(undo.id, yes, 'user:bo', NOW)).rejects.toMatchObject({
    code: 'forbidden',
  });
  await reclassifications.decide(undo.id, yes, 'user:anna', NOW);
  expect(reclassifications.marks.of('ci_1')).toEqual([]);
  expect(reclassifications.all().map(({ state }) => state)).toEqual(['approved', 'undone']);
  expect((await createReclassifications(deps)).marks.of('ci_1')).toEqual([]);
});

test('[AV30] marks lie apart, and the one approved last stands on top', () => {
  const mark = fc
    .tuple(
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 0, max: 20 }),
      fc.constantFrom(...RECLASSIFIED_AS),
    )
    .map(([fromMs, length, as]) => ({ fromMs, toMs: fromMs + length, as }));
  fc.assert(
    fc.property(fc.array(mark, { maxLength: 8 }), (approved) => {
      const marks = layered(approved);
      const at = (list: typeof approved, ms: number) =>
        list.findLast(({ fromMs, toMs }) => fromMs <= ms && ms < toMs)?.as;
      for (let ms = 0; ms < 70; ms++) expect(at(marks, ms)).toBe(at(approved, ms));
      for (const [i, one] of marks.entries())
        expect(one.fromMs).toBeGreaterThanOrEqual(marks[i - 1]?.toMs ?? 0);
    }),
  );
});

test('[AV31] who decides is told when the record was corrected after the request', () => {
  const request = { requestedAtMs: 100 };
  expect(correctedSince([], request)).toBeNull();
  expect(correctedSince([{}, { revisedAtMs: null }, { revisedAtMs: 100 }], request)).toBeNull();
  expect(correctedSince([{ revisedAtMs: 101 }, { revisedAtMs: 140 }, { revisedAtMs: 90 }], request)).toBe(
    140,
  );
});
