import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DueQueue } from './due-queue.ts';

test('[CP8] what is due is taken in the order of its time, as a list searched each time says', () => {
  const key = fc.integer({ min: 0, max: 30 });
  const step = fc.oneof(
    fc.record({ do: fc.constant('set' as const), key, ms: fc.integer({ min: 0, max: 100 }) }),
    fc.record({ do: fc.constant('delete' as const), key, ms: fc.constant(0) }),
    fc.record({ do: fc.constant('take' as const), key, ms: fc.integer({ min: 0, max: 100 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
      const queue = new DueQueue<number>();
      const model = new Map<number, number>();
      for (const one of steps) {
        if (one.do === 'set') {
          queue.set(one.key, one.ms);
          model.set(one.key, one.ms);
        } else if (one.do === 'delete') {
          queue.delete(one.key);
          model.delete(one.key);
        } else {
          const first = Math.min(Infinity, ...model.values());
          expect(queue.firstMs).toBe(first);
          const taken = queue.take(one.ms);
          if (first > one.ms) expect(taken).toBeUndefined();
          else {
            expect(model.get(taken as number)).toBe(first);
            model.delete(taken as number);
          }
        }
        expect(queue.size).toBe(model.size);
      }
    }),
  );
});
