import type { Endpoint } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { expect, test } from 'vitest';
import type { Handler, Routes } from './http/routes.ts';
import { addOperationsRoutes } from './operations.ts';

type OperationsDeps = Parameters<typeof addOperationsRoutes>[1];

/** The overview of an empty house with these channels. */
async function overviewWith(channels: readonly { readonly enabled: boolean }[]) {
  let answer: unknown;
  const routes: Routes = {
    add: <E extends Endpoint>(endpoint: E, handler: Handler<E>) => {
      if (endpoint.id !== 'overview') return;
      const handle = handler as (input: object, context: object) => Promise<unknown>;
      answer = handle({}, { nowMs: 1_000 });
    },
  };
  const fleet = { total: 0, up: 0, asleep: 0, off: 0, planned: 0, silent: 0, unknown: 0 };
  addOperationsRoutes(routes, {
    presence: { counts: () => fleet, get: () => null },
    directory: { get: () => undefined, all: () => [], onChange: () => undefined },
    incidents: { openCounts: () => ({ open: 1, unclaimed: 1, alarmed: 0 }) },
    metrics: { stats: () => ({ samplesPerSecond: 0 }) },
    lastClosedAtMs: async () => null,
    channels: async () => channels,
  } as Partial<Record<keyof OperationsDeps, unknown>> as OperationsDeps);
  return ENDPOINTS.overview.response.parse(await answer);
}

test('[DB212] the overview says whether anybody is messaged: a channel that is switched off messages nobody', async () => {
  expect(await overviewWith([])).toMatchObject({ openIncidents: 1, channelsOn: 0 });
  expect(await overviewWith([{ enabled: false }])).toMatchObject({ channelsOn: 0 });
  expect(await overviewWith([{ enabled: true }, { enabled: false }])).toMatchObject({ channelsOn: 1 });
});
