import { expect, test } from 'vitest';
import { checksOf } from './checks.ts';
import { CheckRunner } from './runner.ts';

const CHECK = {
  name: 'db',
  check: { kind: 'tcp', host: 'db', port: 1, intervalMs: 60_000, timeoutMs: 5_000 },
};

function idleRunner(): CheckRunner {
  return new CheckRunner({
    agentId: 'a',
    clocks: () => ({ wallMs: 0, sinceBootMs: 0, awakeMs: 0 }),
    timers: { after: () => ({ cancel: () => undefined }) },
    probe: () => new Promise(() => undefined),
    failed: () => undefined,
  });
}

function stage(reach: 'off' | 'network') {
  let loads = 0;
  const checks = checksOf(
    reach,
    async () => {
      loads++;
      return idleRunner();
    },
    () => undefined,
  );
  return { checks, loads: () => loads };
}

test('[CK14] nothing is loaded before the first check is told, and it is loaded once', async () => {
  const { checks, loads } = stage('network');
  checks.configure([]);
  expect(checks.samples()).toEqual([]);
  expect(loads()).toBe(0);
  checks.configure([CHECK]);
  checks.configure([CHECK, { ...CHECK, name: 'web' }]);
  await new Promise(setImmediate);
  expect(loads()).toBe(1);
  expect(checks.status()).toEqual({ reach: 'network', count: 2, failing: [], refused: [], untried: 2 });
  checks.configure([]);
  expect(checks.status().count).toBe(0);
  expect(loads()).toBe(1);
});

test('[CK62] where the code that runs them cannot be loaded, each is failing, with why; told anew it is tried again', async () => {
  const failures: string[] = [];
  let broken = true;
  const checks = checksOf(
    'network',
    async () => {
      if (broken) throw new Error('Cannot find module');
      return idleRunner();
    },
    (why) => failures.push(why),
  );
  checks.configure([CHECK, { name: 'later', check: { kind: 'newer' } }, null]);
  await new Promise(setImmediate);
  const why = 'what runs checks could not be loaded: Cannot find module';
  expect(failures).toEqual([why]);
  expect(checks.status()).toEqual({
    reach: 'network',
    count: 3,
    failing: [
      { name: 'db', why },
      { name: 'later', why },
      { name: '3', why },
    ],
    refused: [],
    untried: 0,
  });
  checks.configure([]);
  expect(checks.status().failing).toEqual([]);
  broken = false;
  checks.configure([CHECK]);
  await new Promise(setImmediate);
  expect(checks.status()).toEqual({ reach: 'network', count: 1, failing: [], refused: [], untried: 1 });
});

test('[CK31] where the owner of the machine allows none, nothing is loaded, whatever the server says', async () => {
  const { checks, loads } = stage('off');
  checks.configure([CHECK]);
  await new Promise(setImmediate);
  expect(loads()).toBe(0);
  expect(checks.status()).toEqual({ reach: 'off', count: 0, failing: [], refused: [], untried: 0 });
});
