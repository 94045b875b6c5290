import { expect, test } from 'vitest';
import { agentConfigHandlers } from './areas/agent-config.ts';
import { isLabelledIn, makeWorld } from './world.ts';

test('[DB340] the mock filters by the labels of the version in force', () => {
  const world = makeWorld(Date.parse('2026-10-01T12:00:00Z'), 'full');
  const handlers = agentConfigHandlers(world);
  const withLabel = (label: string) =>
    world.machines.filter(({ detail }) => isLabelledIn(world, detail.id, label)).map(({ detail }) => detail);
  expect(withLabel('company')).toHaveLength(world.machines.length);
  const suzhou = withLabel('agreement=2026-07');
  expect(suzhou.length).toBeGreaterThan(0);
  expect(new Set(suzhou.map(({ site }) => site))).toEqual(new Set(['Suzhou']));
  handlers.restoreAgentConfig?.({ params: { version: 12 }, query: {}, body: {} });
  expect(withLabel('agreement')).toEqual([]);
});
