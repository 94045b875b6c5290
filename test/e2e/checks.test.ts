/** Real server, real agents, a real service: a group gets a check, its series come; the service stops, an incident opens; it comes back. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
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

interface Latest {
  readonly items: readonly { metric: string; instance: string; value: number }[];
}
interface MachineConfig {
  readonly checks: readonly { name: string }[];
  readonly standing: { checks: string; runs: number | null } | null;
}

async function enrolled(server: RunningServer): Promise<{ agent: RunningAgent; ciId: string }> {
  const agent = startAgent({
    server: server.url,
    token: await enrolmentToken(server, { tags: ['web'] }),
    args: ['--checks', 'loopback'],
  });
  const ciId = await until(
    async () => (await server.api<{ items: { ciId: string | null }[] }>('GET', '/agents')).items[0]?.ciId,
    { withinMs: 60_000, what: () => `the agent is enrolled; it printed:\n${agent.output()}` },
  );
  return { agent, ciId };
}

async function checkValues(server: RunningServer, ciId: string): Promise<Record<string, number>> {
  const { items } = await server.api<Latest>('GET', `/cis/${ciId}/metrics/latest`);
  return Object.fromEntries(
    items
      .filter(({ metric }) => metric.startsWith('check.'))
      .map((one) => [`${one.metric} ${one.instance}`, one.value]),
  );
}

async function service(port = 0): Promise<{ server: Server; port: number }> {
  const server = createServer((_, answer) => void answer.end('<h1>all is well</h1>'));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

const settled = (server: Server) =>
  new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });

test('[CK3] [CK20] [CK21] [CK31] a check of a group becomes series, its failure an incident, its return the end of it; an owner forbids', async () => {
  const server = await startServer();
  const { agent, ciId } = await enrolled(server);
  const up = await service();
  const { version } = await server.api<{ version: number }>('GET', '/settings/agent-config');
  const check = {
    kind: 'http',
    url: `http://127.0.0.1:${up.port}/`,
    statusMin: 200,
    statusMax: 299,
    contains: 'is well',
    followRedirects: false,
    verify: true,
    intervalMs: 10_000,
    timeoutMs: 2_000,
  };
  const content = {
    everybody: { intervalMs: 2_000 },
    groups: [
      {
        name: 'web',
        of: { tags: ['web'], classes: [], sites: [] },
        settings: { checks: { intranet: check } },
      },
    ],
  };
  await server.api('PUT', '/settings/agent-config', { basedOn: version, content });
  await until(async () => (await checkValues(server, ciId))['check.success intranet'] === 1, {
    withinMs: 40_000,
    what: () => `the check is told; the agent printed:\n${agent.output()}`,
  });
  expect(await checkValues(server, ciId)).toMatchObject({
    'check.failures intranet': 0,
    'check.http.status intranet': 200,
  });
  const of = await server.api<MachineConfig>('GET', `/settings/agent-config/machines/${ciId}`);
  expect(of).toMatchObject({ checks: [{ name: 'intranet' }], standing: { checks: 'runs' } });

  await settled(up.server);
  const incident = await until(
    async () => {
      const { items } = await server.api<{ items: { ref: string; title: unknown; ciId?: string }[] }>(
        'GET',
        '/incidents?state=open',
      );
      return items[0];
    },
    { withinMs: 90_000, what: () => `an incident opens; the agent printed:\n${agent.output()}` },
  );
  expect((await checkValues(server, ciId))['check.failures intranet']).toBeGreaterThanOrEqual(3);
  expect(JSON.stringify(await server.api('GET', `/incidents/${incident.ref}`))).toContain('Check fails');
  expect(agent.output()).toContain('check intranet failed: connect ECONNREFUSED');
  const status = JSON.parse(readFileSync(join(agent.dataDir, 'status.json'), 'utf8')) as { checks: unknown };
  expect(status.checks).toMatchObject({ reach: 'loopback', count: 1 });

  await service(up.port);
  await until(async () => (await checkValues(server, ciId))['check.failures intranet'] === 0, {
    withinMs: 40_000,
    what: 'the service is there again',
  });

  // Whoever owns this machine wants no checks.
  await agent.stop();
  startAgent({ server: server.url, dataDir: agent.dataDir, args: ['--checks', 'off'] });
  await until(
    async () => {
      const { standing } = await server.api<MachineConfig>('GET', `/settings/agent-config/machines/${ciId}`);
      return standing?.checks === 'forbidden';
    },
    { withinMs: 30_000, what: 'the server knows that checks are forbidden there' },
  );
  await server.stop();
}, 240_000);
