import { expect, test } from 'vitest';
import { DAY_MS, SECOND_MS } from '@muster/shared/time.ts';
import type { StoredTick } from './metrics/store.ts';
import { CERTIFICATE_LOOK_MS, createCertificateWatch } from './own-certificate.ts';
import { machineEntry } from './rules/stage.ts';
import { createMemoryMetricStore } from './store/memory/metrics.ts';

const NOW_MS = Date.UTC(2026, 10, 20);

function watchOf(names: readonly string[]) {
  const entries = names.map((name, i) => machineEntry({ id: `ci_${i}`, name }));
  const metrics = createMemoryMetricStore();
  const told: { ciId: string; ticks: readonly StoredTick[] }[] = [];
  const watch = createCertificateWatch({
    expiresMs: NOW_MS + 5 * DAY_MS,
    hostname: 'Muster01',
    directory: { get: () => undefined, all: () => entries, onChange: () => undefined },
    metrics,
    onSamples: (ciId, ticks) => void told.push({ ciId, ticks }),
    epoch: '00000000000000aa',
  });
  return { watch, metrics, told };
}

test('[OP4] the machine of the server says each minute how long its certificate is valid', async () => {
  const { watch, metrics, told } = watchOf(['other', 'muster01']);
  await watch.tick(NOW_MS);
  await watch.tick(NOW_MS + SECOND_MS);
  await watch.tick(NOW_MS + CERTIFICATE_LOOK_MS);
  expect(told.map(({ ciId, ticks }) => [ciId, ticks[0]?.values[0]])).toEqual([
    ['ci_1', 432_000],
    ['ci_1', 431_940],
  ]);
  expect(metrics.latest('ci_1').map(({ identity, value }) => [identity.metric, value])).toEqual([
    ['certificate.remaining', 431_940],
  ]);
});

test.each([[['other']], [['muster01', 'MUSTER01']]])(
  '[OP4] with the machines %j nobody knows which one is the server, and nothing is said',
  async (names) => {
    const { watch, told } = watchOf(names);
    await watch.tick(NOW_MS);
    expect(told).toEqual([]);
  },
);

test('[OP4] after a certificate has expired its time is below nothing', async () => {
  const { watch, told } = watchOf(['muster01']);
  await watch.tick(NOW_MS + 6 * DAY_MS);
  expect(told[0]?.ticks[0]?.values[0]).toBe(-86_400);
});
