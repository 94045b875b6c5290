import { expect, test } from 'vitest';
import { LIFECYCLES } from '../api/cmdb.ts';
import { LIFECYCLE_STEPS, LIFECYCLE_WORDS, lifecycleStep } from './lifecycle.ts';

test('[AS10] every state has words and steps, and no step leads to itself', () => {
  for (const state of LIFECYCLES) {
    expect(LIFECYCLE_WORDS[state].zh).not.toBe('');
    expect(LIFECYCLE_STEPS[state].map((step) => step.to)).not.toContain(state);
  }
});

test('[AS10] every state is reached from planned, and disposed is the end', () => {
  const reached = new Set<string>(['planned']);
  for (let before = 0; before !== reached.size; ) {
    before = reached.size;
    for (const state of LIFECYCLES)
      if (reached.has(state)) for (const step of LIFECYCLE_STEPS[state]) reached.add(step.to);
  }
  expect([...reached].toSorted()).toEqual([...LIFECYCLES].toSorted());
  expect(LIFECYCLE_STEPS.disposed).toEqual([]);
});

test.each([
  ['planned', 'ordered', []],
  ['in_use', 'in_maintenance', []],
  ['in_use', 'retired', ['reason']],
  ['in_use', 'in_stock', ['condition']],
  ['in_repair', 'in_stock', ['condition']],
  ['missing', 'disposed', ['reason']],
] as const)('[AS10] from %s to %s needs %j', (from, to, needs) => {
  expect(lifecycleStep(from, to)?.needs).toEqual(needs);
});

test.each([
  ['planned', 'retired'],
  ['in_use', 'disposed'],
  ['retired', 'in_use'],
  ['disposed', 'in_stock'],
  ['disposed', 'missing'],
] as const)('[AS10] from %s nothing leads to %s', (from, to) => {
  expect(lifecycleStep(from, to)).toBeUndefined();
});
