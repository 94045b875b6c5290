import { expect, test } from 'vitest';
import { checksOf } from './checks.ts';
import { CheckRunner } from './runner.ts';

const CHECK = {
  name: 'db',
  check: { kind: 'tcp', host: 'db', port: 1, intervalMs: 60_000, timeoutMs: 5_000 },
};

function stage(reach: 'off' | 'network') {
  let loads = 0;
  const checks = checksOf(
    reach,
    async () => {
      loads++;
      return new CheckRunner({
        agentId: 'a',
        clocks: () => ({ wallMs: 0, sinceBootMs: 0, awakeMs: 0 }),
        timers: { after: () => ({ cancel: () => undefined }) },
        probe: () => new Promise(() => undefined),
        failed: () => undefined,
      });
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
  expect(checks.status()).toEqual({ reach: 'network', count: 2, failing: [] });
  checks.configure([]);
  expect(checks.status().count).toBe(0);
  expect(loads()).toBe(1);
});

test('[CK31] where the owner of the machine allows none, nothing is loaded, whatever the server says', async () => {
  const { checks, loads } = stage('off');
  checks.configure([CHECK]);
  await new Promise(setImmediate);
  expect(loads()).toBe(0);
  expect(checks.status()).toEqual({ reach: 'off', count: 0, failing: [] });
});
