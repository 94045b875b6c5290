/** Real agents of others deliver this machine to a real server that knows it from our own agent already: one CI. */
import { execFile, spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { validator } from '../conformance/inventory/inventory-format.ts';
import { testdataFolder } from '../conformance/testdata.ts';
import {
  cleanUp,
  enrolmentToken,
  type RunningServer,
  startAgent,
  startServer,
  temporaryFolder,
  until,
} from './harness.ts';

const run = promisify(execFile);
const AGENT_MS_MAX = 60_000;

interface Listed<T> {
  items: T[];
}
interface Delivery {
  result: string;
  detail: string;
  code: string | null;
  clientName: string;
  ci: { id: string } | null;
  sections: string[];
}
interface Ci {
  id: string;
  name: string;
  agentId: string | null;
  details: { name: string; value: unknown; source: string }[];
}
interface Site {
  id: string;
  address: string;
  token: string;
}

const has = (program: string) => spawnSync('which', [program]).status === 0;
const FUSION = has('fusioninventory-agent');
const OCS = has('ocsinventory-agent');

const post = (server: RunningServer, token: string) => `${server.url}/intake/${token}`;

async function site(server: RunningServer): Promise<Site> {
  return server.api<Site>('POST', '/intake-sites', { name: `site ${randomUUID()}`, site: 'Beijing' });
}

async function fusion(address: string, ...more: string[]): Promise<void> {
  await run('fusioninventory-agent', ['--server', address, '--force', '--no-httpd', ...more], {
    timeout: AGENT_MS_MAX,
  });
}

async function ocs(address: string): Promise<void> {
  await run(
    'ocsinventory-agent',
    ['--nolocal', `--server=${address}`, '--force', `--basevardir=${temporaryFolder('ocs')}`],
    {
      timeout: AGENT_MS_MAX,
      env: { ...process.env, PERL_LWP_SSL_VERIFY_HOSTNAME: '0' },
    },
  );
}

async function deliveries(server: RunningServer): Promise<Delivery[]> {
  return (await server.api<Listed<Delivery>>('GET', '/intake-deliveries')).items;
}

async function machines(server: RunningServer): Promise<Ci[]> {
  const { items } = await server.api<Listed<{ id: string }>>('GET', '/cis');
  return Promise.all(items.map(({ id }) => server.api<Ci>('GET', `/cis/${id}`)));
}

/** Of both sides; what one of them cannot know (an id of the system, SMBIOS of a machine without it) is no part of it. */
const COMPARED = [
  'hostname',
  'cpuModel',
  'cpuCores',
  'architecture',
  'osName',
  'ipAddresses',
  'bootedAt',
] as const;

/** The kernel tells how long ago it was started in whole seconds: two readings may differ by one. */
const BOOT_MS_APART_MAX = 2_000;

function expectEqual(ci: Ci | undefined, other: Ci | undefined): void {
  const [{ bootedAt, ...values }, { bootedAt: otherBootedAt, ...otherValues }] = [
    compared(ci),
    compared(other),
  ];
  expect(values).toEqual(otherValues);
  expect(Math.abs(Number(bootedAt) - Number(otherBootedAt))).toBeLessThanOrEqual(BOOT_MS_APART_MAX);
}

/** Networks of tests (RFC 2544): a run that was killed leaves some, and a cable without a far end is told by one agent and not by the other. */
const OF_TESTS = /^198\.1[89]\./;

function compared(ci: Ci | undefined): Record<string, unknown> {
  const values = new Map((ci?.details ?? []).map(({ name, value }) => [name, value]));
  const addresses = values.get('ipAddresses');
  if (Array.isArray(addresses))
    values.set(
      'ipAddresses',
      addresses.filter((address) => !OF_TESTS.test(String(address))),
    );
  return Object.fromEntries(COMPARED.map((name) => [name, values.get(name) ?? null]));
}

describe.skipIf(!FUSION && !OCS)('agents of others', () => {
  let server: RunningServer;
  let own: Ci;
  let made: Site;

  beforeAll(async () => {
    server = await startServer();
    const agent = startAgent({
      server: `ws://127.0.0.1:${server.port}`,
      token: await enrolmentToken(server),
    });
    own = await until(
      async () =>
        (await machines(server)).find(({ details }) => details.some(({ name }) => name === 'osName')),
      { withinMs: 60_000, what: () => `our own agent has reported; it printed:\n${agent.output()}` },
    );
    made = await site(server);
  }, 120_000);
  afterAll(cleanUp);

  const historyOf = async () =>
    (await server.api<Listed<unknown>>('GET', `/cis/${own.id}/history?limit=500`)).items.length;

  test.skipIf(!FUSION)(
    '[TP30] FusionInventory delivers into the CI of our own agent and changes nothing of it',
    async () => {
      const before = compared((await machines(server))[0]);
      await fusion(`${post(server, made.token)}/front/inventory.php`);
      const [delivery] = await deliveries(server);
      expect(delivery).toMatchObject({ result: 'known', code: null, detail: '', ci: { id: own.id } });
      expect(delivery?.clientName).toBe('FusionInventory-Agent');
      const all = await machines(server);
      expect(all.map(({ id }) => id)).toEqual([own.id]);
      expect(compared(all[0])).toEqual(before);
      expect(all[0]?.agentId).toBe(own.agentId);
    },
    90_000,
  );

  test.skipIf(!FUSION)(
    '[TP30] the same without compression, which that agent cannot unpack',
    async () => {
      const before = await historyOf();
      await fusion(post(server, made.token), '--no-compression');
      expect(await deliveries(server)).toMatchObject([{ result: 'known', ci: { id: own.id } }, {}]);
      expect(await historyOf()).toBe(before);
    },
    90_000,
  );

  test.skipIf(!OCS)(
    '[TP30] OCS, which needs a compressed answer, delivers into the same CI',
    async () => {
      await ocs(`${post(server, made.token)}/ocsinventory`);
      const [delivery] = await deliveries(server);
      expect(delivery).toMatchObject({ result: 'known', code: null, ci: { id: own.id } });
      expect((await machines(server)).map(({ id }) => id)).toEqual([own.id]);
      const { items } = await server.api<Listed<{ clientName: string }>>('GET', `/cis/${own.id}/reporters`);
      expect(items.map(({ clientName }) => clientName)).toContain('OCS-NG_unified_unix_agent');
    },
    90_000,
  );

  test('[TP26] the machine goes out in the GLPI format', async () => {
    const exported = await server.api<{ deviceid: string; content: Record<string, unknown[]> }>(
      'GET',
      `/cis/${own.id}/export/glpi`,
    );
    expect(exported.content.softwares?.length).toBeGreaterThan(50);
    const schema = join(testdataFolder(), 'inventory_format/inventory.schema.json');
    if (existsSync(schema)) expect(validator(readFileSync(schema, 'utf8'))(exported)).toBeNull();
  });

  test('[TP1] a wrong token gets what an unknown path gets', async () => {
    const ask = async (path: string) => {
      const body = deflateSync('<REQUEST><QUERY>PROLOG</QUERY></REQUEST>');
      const response = await fetch(`${server.url}${path}`, { method: 'POST', body });
      const text = await response.text();
      return { status: response.status, text: text.replaceAll(/[0-9a-f]{12}/g, '') };
    };
    const wrong = createHash('sha256').update('x').digest('base64url').slice(0, 32);
    expect(await ask(`/intake/${wrong}`)).toEqual(await ask('/intake/nothing'));
    expect((await ask(`/intake/${wrong}`)).status).toBe(404);
    expect((await ask(`/intake/${made.token}`)).status).toBe(200);
  });
});

describe.skipIf(!FUSION || !OCS)('agents of others alone', () => {
  afterAll(cleanUp);

  test('[TP31] two of them and then our own make one CI, with equal attributes', async () => {
    const server = await startServer();
    const { token } = await site(server);
    await fusion(post(server, token));
    const [theirs] = await machines(server);
    await ocs(post(server, token));
    expect((await deliveries(server)).map(({ result }) => result)).toEqual(['known', 'created']);
    const agent = startAgent({
      server: `ws://127.0.0.1:${server.port}`,
      token: await enrolmentToken(server),
    });
    const ours = await until(
      async () =>
        (await machines(server)).find(
          ({ agentId, details }) =>
            agentId !== null && details.some(({ name, source }) => name === 'osName' && source === 'agent'),
        ),
      { withinMs: 60_000, what: () => `our own agent has reported; it printed:\n${agent.output()}` },
    );
    expect(ours.id).toBe(theirs?.id);
    expect(await machines(server)).toHaveLength(1);
    expectEqual(theirs, ours);
  }, 180_000);
});
