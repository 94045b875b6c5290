/** What a person meets who starts Muster for the first time. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  cleanUp,
  figure,
  muster,
  type RunningServer,
  startServer,
  temporaryFolder,
  until,
} from './harness.ts';

interface Listed<T> {
  items: T[];
}
interface Ci {
  id: string;
  class: string;
  name: string;
  presence: string;
  lastSeenAt: string;
  details: { name: string; value: unknown }[];
  parts: { class: string; name: string }[];
}
interface Latest {
  metric: string;
  instance: string;
  value: number;
  unit: string;
  at: string;
}

describe('first start with an agent on this machine', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer({ localAgent: true });
  });
  afterAll(cleanUp);

  test('this machine is up with live metrics within ten seconds', async () => {
    const fromMs = performance.now();
    const ci = await machineOf(server);
    await until(
      async () => (await latest(server, ci.id)).some(({ metric }) => metric === 'cpu.utilisation'),
      { withinMs: 20_000, what: 'CPU figures are there' },
    );
    figure('ready to live metrics of this machine', (performance.now() - fromMs) / 1_000, 's');
    expect((await latest(server, ci.id)).map(({ metric }) => metric)).toEqual(
      expect.arrayContaining(['memory.used', 'filesystem.utilisation', 'load.1m', 'system.uptime']),
    );
  });

  test('its figures have units, and no counter is shown raw', async () => {
    const ci = await machineOf(server);
    const values = await until(
      async () => {
        const all = await latest(server, ci.id);
        return all.some(({ metric }) => metric === 'network.received') ? all : null;
      },
      { withinMs: 25_000, what: 'network rates are there (two ticks)' },
    );
    expect(values.find(({ metric }) => metric === 'network.received')?.unit).toBe('B/s');
    expect(values.find(({ metric }) => metric === 'memory.used')?.unit).toBe('B');
    expect(values.every(({ unit }) => unit !== '')).toBe(true);
  });

  test('it is in the CMDB with its real hardware, operating system and software', async () => {
    const ci = await until(
      async () => {
        const one = await server.api<Ci>('GET', `/cis/${(await machineOf(server)).id}`);
        return one.parts.some((part) => part.class === 'OperatingSystem') ? one : null;
      },
      { withinMs: 20_000, what: 'the inventory is there' },
    );
    const value = (name: string) => ci.details.find((one) => one.name === name)?.value;
    expect(value('cpuCores')).toBeGreaterThan(0);
    expect(value('memoryBytes')).toBeGreaterThan(2 ** 28);
    expect(value('kernel')).toMatch(/^\d+\./);
    expect(ci.parts.map((part) => part.class)).toEqual(
      expect.arrayContaining(['Component', 'OperatingSystem']),
    );
    const software = await until(
      async () => {
        const page = await server.api<Listed<{ name: string }> & { total: number }>(
          'GET',
          `/cis/${ci.id}/software?limit=5`,
        );
        return page.total > 0 ? page : null;
      },
      { withinMs: 20_000, what: 'the software is there' },
    );
    expect(software.total).toBeGreaterThan(20);
  });

  test('it is found by a part of its name', async () => {
    const ci = await machineOf(server);
    const found = await server.api<Listed<Ci>>('GET', `/cis?q=${encodeURIComponent(ci.name.slice(0, 3))}`);
    expect(found.items.map(({ id }) => id)).toContain(ci.id);
  });

  test('the second start is quick, and everything is still there', async () => {
    const ci = await machineOf(server);
    await server.stop();
    server = await startServer({ localAgent: true, dataDir: server.dataDir, token: server.token });
    figure('second start', server.readyMs / 1_000, 's');
    expect((await machineOf(server)).id).toBe(ci.id);
    const audit = muster(['audit', 'verify'], { MUSTER_DATA_DIR: server.dataDir });
    expect(audit).toMatch(/the chain is whole/);
  });

  test('a backup of the running server starts elsewhere with everything in it', async () => {
    const ci = await machineOf(server);
    const fromMs = Date.parse((await server.api<Ci>('GET', `/cis/${ci.id}`)).lastSeenAt) - 60_000;
    const range = (of: RunningServer) =>
      of.api<{ series: { points: number[][] }[] }>(
        'GET',
        `/metrics/range?ci=${ci.id}&metric=cpu.utilisation&from=${new Date(fromMs).toISOString()}&to=${new Date(fromMs + 60_000).toISOString()}&points=100`,
      );
    const before = await range(server);
    const copy = temporaryFolder('backup');
    const restored = temporaryFolder('restored');
    muster(['backup', '--to', `${copy}/b`], { MUSTER_DATA_DIR: server.dataDir });
    muster(['restore', '--from', `${copy}/b`], { MUSTER_DATA_DIR: restored });
    const second = await startServer({ dataDir: restored, token: server.token });
    expect((await second.api<Ci>('GET', `/cis/${ci.id}`)).name).toBe(ci.name);
    expect((await range(second)).series[0]?.points.length).toBeGreaterThanOrEqual(
      before.series[0]?.points.length ?? 1,
    );
    await second.stop();
  });
});

async function machineOf(server: RunningServer): Promise<Ci> {
  return until(
    async () => {
      const { items } = await server.api<Listed<Ci>>('GET', '/cis');
      return items.find(({ presence }) => presence === 'up');
    },
    { withinMs: 20_000, what: () => `this machine is up; the server printed:\n${server.output()}` },
  );
}

async function latest(server: RunningServer, ciId: string): Promise<Latest[]> {
  return (await server.api<Listed<Latest>>('GET', `/cis/${ciId}/metrics/latest`)).items;
}
