import { expect, test } from 'vitest';
import { type Progress, stepsOf } from './steps.ts';

const fresh: Progress = {
  machines: 1,
  machinesWanted: 3,
  rulesOn: 12,
  channelsOn: 0,
  users: 1,
  may: { machines: true, rules: true, channels: true, users: true },
};
const done = (progress: Progress) =>
  stepsOf(progress)
    .filter((step) => step.done)
    .map(({ id }) => id);

test('[DB202] a step is ticked by what the server has', () => {
  expect(done(fresh)).toEqual(['server', 'rules']);
  expect(done({ ...fresh, machines: 3, channelsOn: 1, users: 2 })).toEqual([
    'server',
    'machines',
    'rules',
    'channels',
    'users',
  ]);
  expect(done({ ...fresh, machines: 0 })).not.toContain('server');
});

test('[DB202] the machines that are missing are counted', () => {
  expect(stepsOf(fresh).find(({ id }) => id === 'machines')?.count).toBe(2);
});

test('[DB202] nobody is asked for what the role may not do', () => {
  const may = { machines: false, rules: false, channels: false, users: false };
  expect(stepsOf({ ...fresh, may }).map(({ id }) => id)).toEqual(['server']);
});
