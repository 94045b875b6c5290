import { generateKeyPairSync, verify } from 'node:crypto';
import type { ConfigGroups } from '@muster/shared/api/agent-config.ts';
import { readSignedConfig } from '@muster/shared/wire/signed-config.ts';
import { expect, test } from 'vitest';
import { serverKeyOf } from '../fleet/server-key.ts';
import { createMemoryAgentConfigStore } from '../store/memory/agent-config.ts';
import type { CiEntry } from '../cmdb/directory.ts';
import { AGENT_CONFIG_DEFAULT } from '../ws/agent-hub.ts';
import { type AgentConfigs, createAgentConfigs, REVIEWED_PER_TICK_MAX } from './agent-config.ts';
import type { Holding } from './holding.ts';
import { createConfigStandings } from './standings.ts';
import { NO_GROUPS } from './testing.ts';
import { createConfigVersions } from './versions.ts';

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
    ...NO_GROUPS,
    holdingOf: () => holding.now,
    reconfigure: (agentId) => {
      told.push(agentId);
      configs.configFor(agentId, 5);
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
  expect(configs.configFor('a0', 5)).toMatchObject(HELD);
  expect(configs.configFor('nobody', 5)).toMatchObject({ holdMs: 0, wake: [] });
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
  configs.configFor('a0', 5);
  holding.now = { holdMs: 0, wake: [] };
  changed(entry('ci0', 'a0', ['database']));
  expect(told).toEqual([]);
  configs.tick();
  expect(told).toEqual(['a0']);
  expect(configs.holdMsOf('a0')).toBe(0);
});

test('[DB331] how old readings may be is known with what is held on battery and on a metered line', () => {
  const { configs, holding } = stage(1);
  expect(configs.longestHoldMsOf('a0')).toBe(0);
  configs.configFor('a0', 5);
  expect(configs.longestHoldMsOf('a0')).toBe(configs.holdMsOf('a0'));
  holding.now = { ...HELD, holdMs: 0, economyHoldMs: 30_000 };
  configs.configFor('a0', 5);
  expect([configs.holdMsOf('a0'), configs.longestHoldMsOf('a0')]).toEqual([0, 30_000]);
});

test('[LK131] many agents are looked at some with each tick', () => {
  const { configs, told, holding } = stage(2 * REVIEWED_PER_TICK_MAX + 1);
  for (let i = 0; i <= 2 * REVIEWED_PER_TICK_MAX; i++) configs.configFor(`a${i}`, 5);
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

const agent = (number: number) => number.toString(16).padStart(32, '0');

async function groupStage(agents = 1, store = createMemoryAgentConfigStore()) {
  const directories: string[] = [];
  const log: unknown[] = [];
  const rows: unknown[] = [];
  const standings = await createConfigStandings(store);
  const versions = await createConfigVersions(store, standings.highestTaken, (content) =>
    configs.oversized(content),
  );
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const entries = new Map(Array.from({ length: agents }, (_, i) => [`ci${i}`, entry(`ci${i}`, agent(i))]));
  const listeners: ((one: CiEntry) => void)[] = [];
  const asked: number[] = [];
  const told: string[] = [];
  const configs = createAgentConfigs({
    defaults: AGENT_CONFIG_DEFAULT,
    directory: {
      get: (id) => entries.get(id),
      all: () => entries.values(),
      onChange: (listener) => void listeners.push(listener),
    },
    fingerprints: { directoriesOf: () => directories, onChange: () => {} },
    log: (...line) => log.push(line),
    versions,
    standings,
    serverKey: serverKeyOf(privateKey),
    collectorsSwitched: async (...row) => void rows.push(row),
    holdingOf: (_, intervalMs) => {
      asked.push(intervalMs);
      return { holdMs: 0, wake: [] };
    },
    reconfigure: (agentId) => {
      told.push(agentId);
      configs.signedFor(agentId, 7);
    },
  });
  const read = (agentId: string, nowMs = 5) =>
    readSignedConfig(configs.signedFor(agentId, nowMs), {
      agentId,
      taken: { version: 0 },
      isSigned: (input, signature) => verify(null, input, publicKey, Buffer.from(signature, 'base64url')),
    });
  const change = (one: CiEntry) => {
    entries.set(one.id, one);
    for (const listener of listeners) listener(one);
  };
  const save = (content: ConfigGroups) => versions.save(content, versions.current().version, 'user:ada', 1);
  return { configs, versions, standings, told, asked, read, save, change, directories, log, rows };
}

test('[CF10] an agent gets what its machine’s groups say, of the present version, signed for it alone', async () => {
  const { read, save, standings, configs, asked } = await groupStage();
  expect(read(agent(0))).toEqual({
    version: 0,
    serial: 5,
    groups: [],
    config: { ...AGENT_CONFIG_DEFAULT, fingerprints: { directories: [] } },
  });
  await save({
    everybody: { inventoryIntervalMs: 3_600_000, sections: { users: false, software: true } },
    groups: [
      {
        name: 'databases',
        of: { tags: ['db'], classes: [], sites: [] },
        settings: { intervalMs: 60_000, collectors: { temperature: false } },
      },
    ],
  });
  expect(read(agent(0)).config).toMatchObject({
    intervalMs: 10_000,
    collectorsOff: [],
    sectionsOff: ['users'],
  });
  expect(configs.intervalMsOf('ci0')).toBe(10_000);
  expect(configs.isOff('ci0', 'temperature')).toBe(false);
  expect(standings.get(agent(0))).toMatchObject({ told: 1, toldAtMs: 5 });
  expect(asked.at(-1)).toBe(10_000);
});

test('[CK3] [CK33] checks are told signed; whether an agent runs them is known from what it can', async () => {
  const { read, save, standings, configs } = await groupStage();
  const check = {
    kind: 'tcp',
    host: 'db.example',
    port: 5_432,
    intervalMs: 60_000,
    timeoutMs: 5_000,
  } as const;
  await save({ everybody: { checks: { db: check, gone: null } }, groups: [] });
  expect(read(agent(0)).config.checks).toEqual([{ name: 'db', check }]);
  await save({ everybody: {}, groups: [] });
  expect(read(agent(0)).config.checks).toBeUndefined();
  const after = (...capabilities: string[]) => {
    configs.connected(agent(0), capabilities);
    const { able, checks } = standings.get(agent(0)) ?? {};
    return { able, checks };
  };
  expect(after('hold')).toEqual({ able: false, checks: 'unable' });
  expect(after('signed-config')).toEqual({ able: true, checks: 'unable' });
  expect(after('signed-config', 'checks')).toEqual({ able: true, checks: 'runs' });
  expect(after('signed-config', 'checks-forbidden')).toEqual({ able: true, checks: 'forbidden' });
});

test('[CF6] after a new version every connected agent is told, some with each tick; a tag or place that brings other groups is seen', async () => {
  const { configs, read, save, told, change, versions, asked } = await groupStage(REVIEWED_PER_TICK_MAX + 1);
  for (let i = 0; i <= REVIEWED_PER_TICK_MAX; i++) read(agent(i));
  await save({
    everybody: {},
    groups: [
      {
        name: 'db',
        of: { tags: ['db'], classes: [], sites: [] },
        settings: { intervalMs: 60_000, collectors: { temperature: false } },
      },
    ],
  });
  configs.tick();
  expect(told).toHaveLength(REVIEWED_PER_TICK_MAX);
  configs.tick();
  configs.tick();
  expect(told).toHaveLength(REVIEWED_PER_TICK_MAX + 1);
  expect(configs.intervalMsOf('ci3')).toBe(10_000);
  change(entry('ci3', agent(3), ['db']));
  configs.tick();
  expect(told.slice(REVIEWED_PER_TICK_MAX + 1)).toEqual([agent(3)]);
  expect(read(agent(3))).toMatchObject({ version: 1, config: { intervalMs: 60_000 } });
  expect(asked.at(-1)).toBe(60_000);
  expect(configs.intervalMsOf('ci3')).toBe(60_000);
  expect([configs.isOff('ci3', 'temperature'), configs.isOff('ci3', 'load.1m')]).toEqual([true, false]);
  expect(configs.isOff('ci2', 'temperature')).toBe(false);
  await versions.restore(0, 'user:ada', 2);
  expect(configs.intervalMsOf('ci3')).toBe(10_000);
});

test('[CF16] each text that differs has a higher serial, the same text the same; a restart and a clock set back lower none', async () => {
  const store = createMemoryAgentConfigStore();
  const { read, save, change, standings } = await groupStage(1, store);
  await save({
    everybody: {},
    groups: [
      { name: 'db', of: { tags: ['db'], classes: [], sites: [] }, settings: { labels: { env: 'a' } } },
    ],
  });
  expect(read(agent(0), 1_000)).toMatchObject({ version: 1, serial: 1_000, groups: [] });
  expect(read(agent(0), 2_000).serial).toBe(1_000);
  change(entry('ci0', agent(0), ['db']));
  expect(read(agent(0), 2_000)).toMatchObject({ version: 1, serial: 2_000, groups: ['db'] });
  change(entry('ci0', agent(0)));
  expect(read(agent(0), 500).serial).toBe(2_001);
  await standings.tick();
  const again = await groupStage(1, store);
  expect(again.read(agent(0), 400).serial).toBe(2_002);
  expect(again.read(agent(0), 9_000).serial).toBe(2_002);
});

test('[CF16] between two signed texts an agent that was told plainly is told anew', async () => {
  const { read, configs } = await groupStage();
  expect(read(agent(0), 1_000).serial).toBe(1_000);
  configs.configFor(agent(0), 5);
  expect(read(agent(0), 2_000).serial).toBe(2_000);
});

const FIELDS_OFF = { fields: { 'users.lastUser': false, 'users.users': false } };

test('[CF7] what would be too large for an agent is refused when it is saved or restored, in words; what makes it no larger is not', async () => {
  const { read, save, versions, directories, log } = await groupStage();
  const db = { name: 'db', of: { tags: ['db'], classes: [], sites: [] }, settings: FIELDS_OFF };
  await save({ everybody: FIELDS_OFF, groups: [] });
  await save({ everybody: {}, groups: [] });
  directories.push(...Array.from({ length: 60 }, (_, i) => `/${i}/`.padEnd(1_016, 'x')));
  expect(read(agent(0)).config.fingerprints?.directories).toHaveLength(60);
  const refused = {
    code: 'input-invalid',
    message: expect.stringMatching(
      /^What "ci0" of no group would be told has 61\d{3} bytes; an agent takes 61440/,
    ),
  };
  await expect(save({ everybody: FIELDS_OFF, groups: [] })).rejects.toMatchObject(refused);
  await expect(versions.restore(1, 'user:ada', 3)).rejects.toMatchObject(refused);
  // No machine is of that group yet.
  await expect(save({ everybody: {}, groups: [db] })).rejects.toMatchObject({
    message: expect.stringMatching(/^What a machine of "db" would be told/),
  });
  expect(versions.current().version).toBe(2);
  await save({ everybody: { intervalMs: 30_000 }, groups: [] });
  directories.push('/one/more'.padEnd(1_000, 'x'));
  await save({ everybody: {}, groups: [] });
  expect(log).toEqual([]);
  const { config } = read(agent(0));
  expect([config.fingerprints, config.intervalMs]).toEqual([undefined, 10_000]);
  expect(log).toEqual([
    ['warn', expect.stringContaining('larger'), expect.objectContaining({ leftOut: 'fingerprints' })],
  ]);
});

test('[CF43] what is left out of inventories is what the agent has taken, since it has, by the version that said so', async () => {
  const { configs, read, save, standings } = await groupStage();
  const word = (version: number, refused: string | null = null) =>
    ({ type: 'configured', version, refused }) as const;
  expect(configs.leftOutOf(agent(0))).toBeNull();
  read(agent(0));
  configs.configured(agent(0), word(0), 10);
  await save({ everybody: { sections: { users: false }, fields: { 'os.domain': false } }, groups: [] });
  read(agent(0));
  const before = { names: [], version: 0, sinceMs: 10 };
  configs.configured(agent(0), word(0), 20);
  configs.configured(agent(0), word(1, 'no'), 20);
  expect(configs.leftOutOf(agent(0))).toEqual(before);
  configs.configured(agent(0), word(1), 30);
  const off = { names: ['users', 'os.domain'], version: 1, sinceMs: 30 };
  expect(configs.leftOutOf(agent(0))).toEqual(off);
  expect(standings.get(agent(0))).toMatchObject({ runs: 1 });
  await save({
    everybody: { sections: { users: false }, fields: { 'os.domain': false }, intervalMs: 30_000 },
    groups: [],
  });
  read(agent(0));
  configs.configured(agent(0), word(2), 40);
  expect(configs.leftOutOf(agent(0))).toEqual(off);
  // One that gives no word works by what it is told.
  configs.configFor(agent(1), 5);
  expect(configs.leftOutOf(agent(1))).toMatchObject({
    names: ['users', 'os.domain'],
    version: 2,
    sinceMs: 5,
  });
});

test('[CF63] a collector that is switched off or on again is a row of history once the agent works by it, also over a restart of the server', async () => {
  const store = createMemoryAgentConfigStore();
  const { configs, read, save, change, rows, standings } = await groupStage(1, store);
  const takes = async (of: AgentConfigs, version: number, nowMs: number, refused: string | null = null) => {
    of.signedFor(agent(0), nowMs);
    of.configured(agent(0), { type: 'configured', version, refused }, nowMs);
    await settled();
  };
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  await save({ everybody: { collectors: { load: false } }, groups: [] });
  read(agent(0));
  await takes(configs, 1, 10);
  await takes(configs, 1, 11);
  expect(rows).toEqual([]);
  const databases = { name: 'databases', of: { tags: ['db'], classes: [], sites: [] } };
  await save({
    everybody: {},
    groups: [{ ...databases, settings: { collectors: { temperature: false } } }],
  });
  await takes(configs, 2, 20, 'no');
  expect(rows).toEqual([]);
  await takes(configs, 2, 21);
  expect(rows).toEqual([['ci0', { before: ['load'], after: [], version: 2 }, 21]]);
  change(entry('ci0', agent(0), ['db']));
  await takes(configs, 2, 30);
  expect(rows[1]).toEqual(['ci0', { before: [], after: ['temperature'], version: 2 }, 30]);
  await standings.tick();
  await save({ everybody: { collectors: { disk: false } }, groups: [] });
  const restarted = await groupStage(1, store);
  restarted.change(entry('ci0', agent(0), ['db']));
  await takes(restarted.configs, 3, 40);
  await takes(restarted.configs, 3, 41);
  expect(restarted.rows).toEqual([['ci0', { before: ['temperature'], after: ['disk'], version: 3 }, 40]]);
  // One that gives no word takes what it is told.
  restarted.change(entry('ci1', agent(1)));
  restarted.configs.configFor(agent(1), 50);
  await restarted.save({ everybody: {}, groups: [] });
  restarted.configs.configFor(agent(1), 51);
  await settled();
  expect(restarted.rows[1]).toEqual(['ci1', { before: ['disk'], after: [], version: 4 }, 51]);
});

test('[CF60] an agent is told what groups say of its machine before that machine names it, or of the scope of its token', async () => {
  const { configs, read, save, change, told } = await groupStage();
  const group = (name: string, of: Partial<ConfigGroups['groups'][number]['of']>, field: string) => ({
    name,
    of: { tags: [], classes: [], sites: [], ...of },
    settings: { fields: { [field]: false } },
  });
  await save({
    everybody: {},
    groups: [
      group('till', { tags: ['till'] }, 'os.domain'),
      group('clinic', { sites: ['clinic'] }, 'users.lastUser'),
      group('servers', { classes: ['Server'] }, 'network.gateways'),
    ],
  });
  const offFor = (id: number) => read(agent(id)).config.fieldsOff ?? [];
  const nowhere = { site: null, class: null, tags: [] };
  change(entry('ci0', agent(0), ['till']));
  configs.arrived(agent(7), 'ci0', nowhere);
  expect(offFor(7)).toEqual(offFor(0));
  expect(offFor(7)).toEqual(['network.gateways', 'os.domain']);
  // What changes later is told to both agents of the machine.
  change(entry('ci0', agent(0)));
  configs.tick();
  expect(told.splice(0).toSorted()).toEqual([agent(0), agent(7)].toSorted());
  expect(offFor(7)).toEqual(['network.gateways']);
  // And no more of that machine's to one that has become another's.
  change(entry('ci7', agent(7), ['till']));
  change(entry('ci0', agent(0)));
  expect(offFor(7)).toEqual(['network.gateways', 'os.domain']);
  configs.arrived(agent(8), null, { ...nowhere, site: 'clinic' });
  expect(offFor(8)).toEqual(['users.lastUser']);
  configs.arrived(agent(9), null, { site: 'clinic', class: 'Server', tags: ['till'] });
  expect(offFor(9)).toEqual(['network.gateways', 'os.domain', 'users.lastUser']);
  configs.arrived(agent(10), 'ci-gone', nowhere);
  expect(offFor(10)).toEqual([]);
  // Its first inventory says which machine it is, and what the token said counts no more.
  change(entry('ci8', agent(8)));
  configs.tick();
  expect(told).toContain(agent(8));
  configs.arrived(agent(8), null, { ...nowhere, site: 'clinic' });
  expect(offFor(8)).toEqual(['network.gateways']);
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
