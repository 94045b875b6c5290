import { expect, test } from 'vitest';
import { eachPart } from './each-part.ts';

test('[OP3] a part that throws or rejects is logged, and the others are done in order', async () => {
  const done: string[] = [];
  const logged: string[] = [];
  await eachPart(
    (level, what, detail) => void logged.push(`${level} ${what}: ${String(detail.error)}`),
    [
      [
        'incidents stood still',
        () => {
          throw new Error('bug');
        },
      ],
      ['sessions were not cleaned', () => Promise.reject(new Error('disk full'))],
      ['housekeeping failed', async () => done.push('housekeeping')],
      ['nothing was told', () => done.push('told')],
    ],
  );
  expect(done).toEqual(['housekeeping', 'told']);
  expect(logged).toEqual(['error incidents stood still: bug', 'error sessions were not cleaned: disk full']);
});
