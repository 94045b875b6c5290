import { expect, test } from 'vitest';
import type { CiEntry } from '../cmdb/directory.ts';
import { AGENT_CONFIG_DEFAULT } from '../ws/agent-hub.ts';
import { createAgentConfigs, REVIEWED_PER_TICK_MAX } from './agent-config.ts';
import type { Holding } from './holding.ts';

const HELD: Holding = {
  holdMs: 20_000,
  wake: [{ metric: 'cpu.utilisation', instance: null, op: 'above', level: 90 }],
};

function stage(agents: number) {
  const listeners: ((entry: CiEntry) => void)[] = [];
  const entries = Array.from({ length: agents }, (_, i) => entry(`ci${i}`, `a${i}`));
  const told: string[] = [];
  const holding = { now: HELD };
  const configs = createAgentConfigs({
    defaults: AGENT_CONFIG_DEFAULT,
    directory: {
      get: (id) => entries.find((one) => one.id === id),
      all: () => entries.values(),
      onChange: (listener) => void listeners.push(listener),
    },
    fingerprints: { directoriesOf: () => [], onChange: () => {} },
    holdingOf: () => holding.now,
    reconfigure: (agentId) => {
      told.push(agentId);
      configs.configFor(agentId);
    },
  });
  return {
    configs,
    told,
    holding,
    changed: (one: CiEntry) => listeners.forEach((listener) => listener(one)),
  };
}

test('[LK131] an agent is told hold and wake levels; when rules change, those hear of it for whom something changed', () => {
  const { configs, told, holding } = stage(2);
  expect(configs.configFor('a0')).toMatchObject(HELD);
  expect(configs.configFor('nobody')).toMatchObject({ holdMs: 0, wake: [] });
  configs.rulesChanged();
  configs.tick();
  expect(told).toEqual([]);
  const [level] = HELD.wake;
  if (!level) throw new Error('there is one');
  holding.now = { ...HELD, wake: [{ ...level, level: 80 }] };
  configs.tick();
  expect(told).toEqual([]);
  configs.rulesChanged();
  configs.tick();
  expect(told).toEqual(['a0']);
  expect(configs.holdMsOf('a0')).toBe(20_000);
  configs.rulesChanged();
  configs.tick();
  expect(told).toEqual(['a0']);
});

test('[LK131] a tag or a place that brings other rules is looked at too', () => {
  const { configs, told, holding, changed } = stage(1);
  configs.configFor('a0');
  holding.now = { holdMs: 0, wake: [] };
  changed(entry('ci0', 'a0', ['database']));
  expect(told).toEqual([]);
  configs.tick();
  expect(told).toEqual(['a0']);
  expect(configs.holdMsOf('a0')).toBe(0);
});

test('[LK131] many agents are looked at some with each tick', () => {
  const { configs, told, holding } = stage(2 * REVIEWED_PER_TICK_MAX + 1);
  for (let i = 0; i <= 2 * REVIEWED_PER_TICK_MAX; i++) configs.configFor(`a${i}`);
  holding.now = { holdMs: 0, wake: [] };
  configs.rulesChanged();
  const after = [0, 0, 0, 0].map(() => {
    configs.tick();
    return told.length;
  });
  expect(after).toEqual([
    REVIEWED_PER_TICK_MAX,
    2 * REVIEWED_PER_TICK_MAX,
    2 * REVIEWED_PER_TICK_MAX + 1,
    2 * REVIEWED_PER_TICK_MAX + 1,
  ]);
});

function entry(id: string, agentId: string, tags: string[] = []): CiEntry {
  return {
    id,
    class: 'Server',
    name: id,
    lifecycle: 'in_use',
    criticality: 3,
    tags,
    site: null,
    owner: null,
    agentId,
    timeZone: null,
    createdAtMs: 1,
  };
}
