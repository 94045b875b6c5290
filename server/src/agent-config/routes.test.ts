import type { ConfigGroups } from '@muster/shared/api/agent-config.ts';
import { expect, test } from 'vitest';
import { createTestWeb } from '../http/testing.ts';
import { createMemoryAgentConfigStore } from '../store/memory/agent-config.ts';
import { AGENT_CONFIG_DEFAULT } from '../ws/agent-hub.ts';
import { addAgentConfigRoutes } from './routes.ts';
import { createConfigVersions } from './versions.ts';

const unused = () => {
  throw new Error('not asked');
};

async function stage() {
  const { web, call, store } = await createTestWeb();
  const versions = await createConfigVersions(
    createMemoryAgentConfigStore(),
    () => 0,
    () => null,
  );
  addAgentConfigRoutes(web.routes, {
    versions,
    standings: { get: () => null },
    configs: { effectiveOf: unused, longestHoldMsOf: unused },
    defaults: AGENT_CONFIG_DEFAULT,
    directory: { get: () => undefined, all: () => [].values() },
    isConnected: () => false,
    isUninstalled: () => false,
  });
  const save = (basedOn: number, content: ConfigGroups) =>
    call('admin', 'PUT', '/settings/agent-config', { basedOn, content });
  const details = async () =>
    (await store.readAudit(0, 10)).map(({ detail }) => JSON.parse(detail) as Record<string, unknown>);
  return { call, save, details };
}

const CONTENT: ConfigGroups = {
  everybody: { intervalMs: 5_000 },
  groups: [{ name: 'Servers', of: { tags: ['a'], classes: [], sites: [] }, settings: {} }],
};
const NOBODY = { everybody: false, order: false, groups: [], moreGroups: 0 };
const ALL = { ...NOBODY, everybody: true, groups: ['Servers'] };

test('[DB384] the entry of a version that was saved or restored keeps its number and whom it changed', async () => {
  const { call, save, details } = await stage();
  await save(0, CONTENT);
  await save(1, CONTENT);
  await call('admin', 'POST', '/settings/agent-config/versions/0/restore');
  expect((await save(1, CONTENT)).status).toBe(409);
  expect(await details()).toEqual([
    { basedOn: 0, content: CONTENT, made: 1, changed: ALL },
    { basedOn: 1, content: CONTENT, made: 2, changed: NOBODY },
    { version: 0, made: 3, changed: ALL },
  ]);
});
