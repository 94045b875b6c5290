/** Real server and agents: what groups say reaches the agents, signed; what is switched off stops coming. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HistoryEntry } from '@muster/shared/api/cmdb.ts';
import { afterAll, expect, test } from 'vitest';
import {
  cleanUp,
  enrolmentToken,
  type RunningAgent,
  type RunningServer,
  startAgent,
  startServer,
  until,
} from './harness.ts';

afterAll(cleanUp);

interface Standings {
  readonly version: number;
  readonly behind: readonly {
    runs: number | null;
    told: number | null;
    connected: boolean;
    refused: string | null;
  }[];
  readonly byVersion: readonly { version: number; agents: number }[];
}

async function enrolled(server: RunningServer): Promise<{ agent: RunningAgent; ciId: string }> {
  const agent = startAgent({
    server: server.url,
    token: await enrolmentToken(server, { tags: ['watched'] }),
  });
  let ciId: string | null = null;
  await until(
    async () => {
      const { items } = await server.api<{ items: { ciId: string | null }[] }>('GET', '/agents');
      ciId = items[0]?.ciId ?? null;
      return ciId !== null && (await section(server, ciId, 'users')) !== null;
    },
    { withinMs: 60_000, what: () => `the agent has reported; it printed:\n${agent.output()}` },
  );
  if (ciId === null) throw new Error('there is one');
  return { agent, ciId };
}

async function section(server: RunningServer, ciId: string, name: string): Promise<unknown> {
  return (await server.api<{ data: unknown }>('GET', `/cis/${ciId}/sections/${name}`)).data;
}

const standings = (server: RunningServer) => server.api<Standings>('GET', '/settings/agent-config/agents');

async function save(server: RunningServer, content: unknown): Promise<number> {
  const { version } = await server.api<{ version: number }>('GET', '/settings/agent-config');
  const body = { basedOn: version, content };
  return (await server.api<{ version: number }>('PUT', '/settings/agent-config', body)).version;
}

const usersOff = {
  everybody: { labels: { env: 'test' } },
  groups: [
    {
      name: 'watched',
      of: { tags: ['watched'], classes: [], sites: [] },
      settings: { sections: { users: false }, fields: { 'os.timeZone': false }, intervalMs: 5_000 },
    },
  ],
};

async function runs(server: RunningServer, version: number): Promise<void> {
  await until(async () => (await standings(server)).byVersion[0]?.version === version, {
    withinMs: 30_000,
    what: `the agent works by version ${version}`,
  });
}

test('[CF6] [CF20] [CF23] [CF43] [DB360] a section that a group switches off stops coming and is emptied here; offline it is told when it comes back', async () => {
  const server = await startServer();
  const { agent, ciId } = await enrolled(server);
  expect(JSON.stringify(await section(server, ciId, 'users'))).toContain('root');
  const version = await save(server, usersOff);
  await runs(server, version);
  await until(async () => !JSON.stringify(await section(server, ciId, 'users')).includes('root'), {
    withinMs: 30_000,
    what: 'the accounts are gone',
  });
  expect(await section(server, ciId, 'users')).toEqual({
    users: [],
    groups: [],
    lastUser: null,
    lastUserAtMs: null,
  });
  await until(async () => ((await section(server, ciId, 'os')) as { timeZone: unknown }).timeZone === null, {
    withinMs: 30_000,
    what: 'the time zone is gone',
  });
  const of = await server.api<{ groups: string[]; values: unknown[] }>(
    'GET',
    `/settings/agent-config/machines/${ciId}`,
  );
  expect(of.groups).toEqual(['watched']);
  expect(of.values).toContainEqual({
    setting: 'intervalMs',
    value: 5_000,
    from: { type: 'group', name: 'watched' },
  });
  expect(of.values).toContainEqual({ setting: 'labels.env', value: 'test', from: { type: 'everybody' } });
  const told = await server.api<{ items: { since: string | null; intervalMs: number }[] }>(
    'GET',
    `/settings/agent-config/machines/${ciId}/intervals`,
  );
  expect(told.items).toEqual([
    { since: null, intervalMs: 10_000 },
    { since: expect.any(String), intervalMs: 5_000 },
  ]);

  await agent.stop();
  const later = await save(server, { everybody: {}, groups: [] });
  const behind = (await standings(server)).behind[0];
  expect(behind).toMatchObject({ runs: version, told: version, connected: false, refused: null });
  startAgent({ server: server.url, dataDir: agent.dataDir });
  await runs(server, later);
  await until(async () => JSON.stringify(await section(server, ciId, 'users')).includes('root'), {
    withinMs: 30_000,
    what: 'the accounts are back',
  });
  const history = await server.api<{ items: HistoryEntry[] }>('GET', `/cis/${ciId}/history?limit=200`);
  const ofAccounts = history.items.filter(({ attribute }) =>
    /^(user|group|collection:users)/.test(attribute ?? ''),
  );
  expect(ofAccounts.map(({ before, after, actor }) => [before, after, actor])).toEqual([
    [['users'], [], `configuration:${later}`],
    [[], ['users'], `configuration:${version}`],
  ]);
  const found = await server.api<{ items: { title: { en: string } }[] }>('GET', '/findings?limit=200');
  expect(found.items.map(({ title }) => title.en).filter((title) => title.includes('account'))).toEqual([]);
  await server.stop();
}, 120_000);

test('[CF11] [CF12] [CF15] kept 0600 and used before the server is reached; a changed file and a replayed older version are refused', async () => {
  const server = await startServer();
  const { agent, ciId } = await enrolled(server);
  const path = join(agent.dataDir, 'configuration.json');
  const first = await save(server, usersOff);
  await runs(server, first);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const old = readFileSync(path, 'utf8');
  const second = await save(server, { ...usersOff, everybody: {} });
  await runs(server, second);
  await agent.stop();
  await server.kill();

  // Without the server: the interval of the kept configuration holds from the start.
  const alone = startAgent({ server: server.url, dataDir: agent.dataDir });
  const intervalMs = () =>
    JSON.parse(readFileSync(join(agent.dataDir, 'status.json'), 'utf8')) as {
      intervalMs: number;
      pid: number;
    };
  await until(() => intervalMs().pid === alone.process.pid && intervalMs().intervalMs === 5_000, {
    withinMs: 20_000,
    what: 'it works by what it kept',
  });
  await alone.stop();

  // A changed file is not used, and says so.
  const kept = readFileSync(path, 'utf8');
  writeFileSync(path, kept.replace('\\"intervalMs\\":5000', '\\"intervalMs\\":6000'));
  const changed = startAgent({ server: server.url, dataDir: agent.dataDir });
  await until(() => changed.output().includes('the kept configuration is not used'), {
    withinMs: 20_000,
    what: 'the changed file is refused',
  });
  await changed.stop();
  writeFileSync(path, kept);

  // The server as it was before the second version, as from a backup: its older word is refused, its next one is taken.
  const back = await startServer({ dataDir: server.dataDir, port: server.port, token: server.token });
  await forgetVersion(back, second);
  const again = await startServer({ dataDir: server.dataDir, port: server.port, token: server.token });
  const running = startAgent({ server: server.url, dataDir: agent.dataDir });
  await until(async () => (await standings(again)).behind[0]?.refused != null, {
    withinMs: 30_000,
    what: () => `the older version is refused; it printed:\n${running.output()}`,
  });
  expect((await standings(again)).behind[0]).toMatchObject({ runs: second, told: first });
  expect(running.output()).toContain(`version ${first} is older than ${second}`);
  await until(async () => !JSON.stringify(await section(again, ciId, 'users')).includes('root'), {
    withinMs: 30_000,
    what: 'the section is empty',
  });
  const third = await save(again, { everybody: {}, groups: [] });
  expect(third).toBe(second + 1);
  await runs(again, third);
  expect(old).toContain(`\\"version\\":${first}`);
  await again.stop();
}, 120_000);

async function forgetVersion(server: RunningServer, version: number): Promise<void> {
  await server.stop();
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(join(server.dataDir, 'muster.db'));
  database.prepare('DELETE FROM agent_config_versions WHERE version = ?').run(version);
  database.exec('DELETE FROM agent_config_standings');
  database.close();
}
