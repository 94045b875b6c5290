import { MINUTE_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import { reopened } from './trial.ts';

const span = (from: number, to: number) => ({ fromMs: from * MINUTE_MS, toMs: to * MINUTE_MS });

test('[RU21] [CR2] what changed during planned absence was not told and does not flap, as live', () => {
  const flapping = Array.from({ length: 6 }, (_, i) => span(2 * i, 2 * i + 1));
  const found = [...flapping, span(12, 12.5), span(31, 32)];
  expect(reopened(found, [])).toHaveLength(1);
  expect(reopened(found, [span(11.5, 14)]).map(({ fromMs }) => fromMs / MINUTE_MS)).toEqual([0, 31]);
});
