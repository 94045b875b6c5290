import { metricStoreContract } from '../contract/metrics.ts';
import { createMemoryMetricStore } from './metrics.ts';

metricStoreContract('memory', {
  open: async () => createMemoryMetricStore(),
  settle: async (store) => store,
});
