import { afterEach } from 'vitest';
import type { Millis } from '@muster/shared/time.ts';
import type { MetricStore } from '../../metrics/store.ts';
import { metricStoreContract } from '../contract/metrics.ts';
import type { MetricEngine } from './engine.ts';
import { openTestEngine, removeFolder, settle, temporaryFolder } from './testing.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) removeFolder(folder);
});

function harness(
  settleEngine: (
    engine: MetricEngine,
    nowMs: Millis,
    reopen: () => Promise<MetricEngine>,
  ) => Promise<MetricEngine>,
  archive: 'inline' | 'thread' = 'inline',
) {
  let folder = '';
  const open = () => openTestEngine({ folder, archive });
  return {
    open: () => {
      folder = temporaryFolder();
      folders.push(folder);
      return open();
    },
    settle: (store: MetricStore, nowMs: Millis) => settleEngine(store as MetricEngine, nowMs, open),
  };
}

metricStoreContract(
  'engine, head only',
  harness(async (engine) => engine),
);

metricStoreContract(
  'engine, written to files',
  harness(async (engine, nowMs) => {
    await settle(engine, nowMs);
    return engine;
  }),
);

metricStoreContract(
  'engine, restarted from its journal',
  harness(async (engine, _, reopen) => {
    await engine.close();
    return reopen();
  }),
);

metricStoreContract(
  'engine, written to files and crashed',
  harness(async (engine, nowMs, reopen) => {
    await settle(engine, nowMs);
    await engine.abandon();
    return reopen();
  }),
);

metricStoreContract(
  'engine with a thread for its files',
  harness(async (engine, nowMs) => {
    await settle(engine, nowMs);
    return engine;
  }, 'thread'),
);
