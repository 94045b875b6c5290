import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asFirstSaid, EVIDENCE_PER_INTERVAL_MAX, mergeEvidence, paint } from './timeline.ts';
import type { PresenceInterval, Revision } from './timeline.ts';

const said = { presence: 'up', cause: null, planned: false, evidence: [], corrects: false } as const;
const first: Revision = { ...said, fromMs: 100, toMs: null };

test('[AV9] a revision replaces what stood there and leaves the rest', () => {
  const timeline = [
    { ...first, fromMs: 200, presence: 'unknown', cause: 'unreachable' } as const,
    { ...first, fromMs: 300, toMs: 400, presence: 'down', cause: 'host-down', corrects: true } as const,
    { ...first, fromMs: 500 },
  ].reduce(paint, paint([], first));
  expect(timeline.map((i) => [i.fromMs, i.toMs, i.presence, i.revised])).toEqual([
    [100, 200, 'up', false],
    [200, 300, 'unknown', false],
    [300, 400, 'down', true],
    [400, 500, 'unknown', false],
    [500, null, 'up', false],
  ]);
});

test('[AV10] a revision that says what stood there already does not mark it as revised', () => {
  const timeline = paint(paint([], first), { ...first, fromMs: 150, toMs: 160, corrects: true });
  expect(timeline).toHaveLength(1);
  expect(timeline[0]?.revised).toBe(false);
});

test('[AV10] a correction that is taken back leaves nothing revised', () => {
  const timeline = [
    { ...first, fromMs: 200, toMs: 300, presence: 'unknown', cause: 'unreachable', corrects: true } as const,
    { ...first, fromMs: 200, toMs: 260, corrects: true },
  ].reduce(paint, paint([], first));
  expect(timeline.map((i) => [i.fromMs, i.presence, i.revised, i.was?.presence ?? null])).toEqual([
    [100, 'up', false, null],
    [260, 'unknown', true, 'up'],
    [300, 'up', false, null],
  ]);
});

test('[AV34] a correction keeps what was said at first, however often it is corrected', () => {
  const timeline = [
    { ...first, fromMs: 200, toMs: 400, presence: 'unknown', cause: 'unreachable' } as const,
    { ...first, fromMs: 200, toMs: 300, corrects: true },
    { ...first, fromMs: 250, toMs: 350, presence: 'down', cause: 'host-down', corrects: true } as const,
  ].reduce(paint, paint([], first));
  expect(timeline.map((i) => [i.fromMs, i.presence, i.was?.presence ?? null, i.was?.cause ?? null])).toEqual([
    [100, 'up', null, null],
    [200, 'up', 'unknown', 'unreachable'],
    [250, 'down', 'unknown', 'unreachable'],
    [350, 'unknown', null, null],
    [400, 'up', null, null],
  ]);
  expect(asFirstSaid(timeline).map(({ fromMs, presence }) => [fromMs, presence])).toEqual([
    [100, 'up'],
    [200, 'unknown'],
    [250, 'unknown'],
    [350, 'unknown'],
    [400, 'up'],
  ]);
});

test('[AV9] evidence of an interval is bounded and keeps the first sentence', () => {
  const words = (n: number) => ({ en: `${n}`, zh: `${n}` });
  const many = Array.from({ length: 40 }, (_, n) => words(n));
  const merged = many.reduce((held, next) => mergeEvidence(held, [next]), [words(0)] as readonly {
    en: string;
    zh: string;
  }[]);
  expect(merged).toHaveLength(EVIDENCE_PER_INTERVAL_MAX);
  expect(merged[0]).toEqual(words(0));
  expect(merged.at(-1)).toEqual(words(39));
});

const revisions = fc.array(
  fc.record({
    fromMs: fc.integer({ min: 0, max: 100 }),
    lengthMs: fc.option(fc.integer({ min: 0, max: 60 })),
    presence: fc.constantFrom('up', 'down', 'unknown'),
    planned: fc.boolean(),
    corrects: fc.boolean(),
  }),
  { maxLength: 20 },
);

test('[AV9] no revision makes a hole or an overlap, and each instant says what was painted last', () => {
  fc.assert(
    fc.property(revisions, (list) => {
      const said = new Map<number, string>();
      let timeline: PresenceInterval[] = paint([], { ...first, fromMs: 50 });
      let beginMs = 50;
      for (let at = beginMs; at < 200; at++) said.set(at, 'up,false');
      for (const { lengthMs, ...rest } of list) {
        const toMs = lengthMs === null ? null : rest.fromMs + lengthMs;
        // A revision that ends before the beginning would leave a hole before the first interval.
        if (toMs !== null && toMs < beginMs) continue;
        timeline = paint(timeline, { ...rest, toMs, cause: null, evidence: [] });
        if (toMs === null || rest.fromMs < toMs) beginMs = Math.min(beginMs, rest.fromMs);
        for (let at = rest.fromMs; at < (toMs ?? 200); at++) said.set(at, `${rest.presence},${rest.planned}`);
      }
      expect(timeline[0]?.fromMs).toBe(beginMs);
      expect(timeline.at(-1)?.toMs).toBeNull();
      for (const [i, interval] of timeline.entries()) {
        if (i > 0) expect(interval.fromMs).toBe(timeline[i - 1]?.toMs);
        expect((interval.toMs ?? Infinity) - interval.fromMs).toBeGreaterThan(0);
        for (let at = interval.fromMs; at < (interval.toMs ?? 200); at++)
          expect(`${interval.presence},${interval.planned}`).toBe(said.get(at));
      }
    }),
    { numRuns: 300 },
  );
});
