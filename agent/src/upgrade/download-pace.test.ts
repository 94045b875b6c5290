import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DownloadPace } from './download-pace.ts';

const PER_SECOND = 1_000;
const CHUNK_MAX = 800;

test('[RL40] whenever bytes come, no stretch of time lets more through than the pace and one chunk', () => {
  const chunks = fc.array(
    fc.record({ bytes: fc.integer({ min: 1, max: CHUNK_MAX }), idleMs: fc.integer({ min: 0, max: 3_000 }) }),
    { minLength: 1, maxLength: 40 },
  );
  fc.assert(
    fc.property(chunks, (drawn) => {
      const pace = new DownloadPace(PER_SECOND);
      let nowMs = 0;
      const through = drawn.map(({ bytes, idleMs }) => {
        nowMs += idleMs;
        nowMs += pace.take(bytes, nowMs);
        return { atMs: nowMs, bytes };
      });
      for (const [i, first] of through.entries()) {
        let sum = 0;
        for (const { atMs, bytes } of through.slice(i)) {
          sum += bytes;
          expect(sum).toBeLessThanOrEqual(((atMs - first.atMs) * PER_SECOND) / 1_000 + first.bytes + 1e-6);
        }
      }
    }),
  );
});

test('[RL40] what comes without a pause takes as long as the pace says, and no longer', () => {
  const pace = new DownloadPace(PER_SECOND);
  let nowMs = 5_000;
  for (let i = 0; i < 10; i++) nowMs += pace.take(500, nowMs);
  expect(nowMs).toBe(5_000 + 5_000);
});
