/**
 * Machines that were copied and folders that were carried off, with the agent's own code and the real server: a hundred
 * copies of one prepared machine, all behind one address, and a data folder on a machine that it was not made on.
 */
import { randomBytes } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent } from '@muster/agent/agent.ts';
import { createFakeHost } from '@muster/agent/host-fake.ts';
import { IDENTITY_FILE, type IdentityOrigin, openIdentity } from '@muster/agent/identity.ts';
import { collectInventory } from '@muster/agent/inventory/index.ts';
import { machineOf } from '@muster/agent/machine.ts';
import { webSocketOpener } from '@muster/agent/socket.ts';
import { Spool } from '@muster/agent/spool.ts';
import { systemTimers } from '@muster/agent/timers.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attempt } from '../wire-verdict.ts';
import {
  cleanUp,
  copyOfFolder,
  enrolmentToken,
  figure,
  type RunningServer,
  startAgent,
  startServer,
  temporaryFolder,
  until,
} from './harness.ts';

interface AgentView {
  id: string;
  ciId: string | null;
  connected: boolean;
  findings: { kind: string }[];
}

interface Ci {
  details: { name: string; value: unknown }[];
}

const COPIES = 100;
/** Of an image whose /etc/machine-id was not emptied. */
const KEPT_COPIES = 5;
/** Far more than a person mistypes; all of one office. */
const WRONG_TOKENS = 60;
/** What a copy has in common with all others. */
const TEMPLATE = {
  '/etc/os-release': 'ID=debian\nVERSION_ID="13"\nPRETTY_NAME="Debian GNU/Linux 13"\n',
  '/proc/sys/kernel/hostname': 'golden\n',
  '/sys/class/dmi/id/sys_vendor': 'QEMU\n',
  '/sys/class/dmi/id/product_name': 'Standard PC\n',
  '/sys/class/dmi/id/product_serial': 'None\n',
};

let server: RunningServer;
const running: Agent[] = [];
beforeAll(async () => {
  server = await startServer();
}, 60_000);
afterAll(async () => {
  for (const agent of running) agent.kill();
  await cleanUp();
});

const agents = async () => (await server.api<{ items: AgentView[] }>('GET', '/agents?limit=500')).items;
const options = () => ({
  url: `${server.url.replace(/^http/, 'ws')}/ws/agent`,
  tls: 'none' as const,
  tlsPin: null,
  ca: null,
  proxy: null,
  userAgent: 'copy',
});

const isUuid = ({ name, value }: Ci['details'][number]) =>
  name === 'uuid' && typeof value === 'string' && /^4c4c4544-/i.test(value);

/** One machine with this data folder; `number` is all that tells it from the others, and of those with a `machineId` the UUID alone. */
function boot(
  dataDir: string,
  number: number,
  token: string,
  machineId?: string,
): { agent: Agent; origin: IdentityOrigin } {
  const hex = number.toString(16).padStart(12, '0');
  const host = createFakeHost({
    nowMs: Date.now(),
    files: {
      ...TEMPLATE,
      '/etc/machine-id': `${machineId ?? hex.padStart(32, 'c')}\n`,
      '/sys/class/dmi/id/product_uuid': `4c4c4544-0051-3010-8052-${hex}\n`,
      '/proc/sys/kernel/random/boot_id': `boot-${number}\n`,
      '/proc/uptime': '1000.00 900.00\n',
      '/proc/loadavg': '0.10 0.20 0.30 1/200 4711\n',
    },
  });
  const { identity, origin } = openIdentity(dataDir, host, expect.fail);
  const agent = new Agent({
    machine: machineOf(host, async (report) =>
      machineId === undefined ? new Map() : collectInventory(host, report),
    ),
    // The command does the same: a spool belongs to one key.
    spool: new Spool({
      path: origin === 'kept' || origin === 'created' ? join(dataDir, 'spool.db') : ':memory:',
      nowMs: () => host.now(),
      randomBytes,
    }),
    link: {
      open: webSocketOpener(options()),
      identity,
      serverKey: null,
      firstSight: true,
      token,
      facts: { agentVersion: '0.1.0', hostname: 'golden', platform: 'linux' },
      timers: systemTimers,
      random: { unit: Math.random, bytes: (count) => randomBytes(count) },
    },
    log: () => undefined,
    onStatus: () => undefined,
    recorder: false,
  });
  running.push(agent);
  agent.start();
  return { agent, origin };
}

test('[AT50] [AT52] a hundred copies of a machine whose agent had run, behind one address and beside one that is refused, are a hundred agents and CIs', {
  timeout: 120_000,
}, async () => {
  const token = await enrolmentToken(server, { usesMax: COPIES + 1 });
  const golden = temporaryFolder('golden');
  const template = boot(golden, 0, token);
  await until(async () => (await agents())[0]?.ciId, {
    withinMs: 15_000,
    what: 'the template is in the CMDB',
  });
  await template.agent.stop('shutdown');
  const folders = Array.from({ length: COPIES }, () => temporaryFolder('copy'));
  for (const folder of folders) cpSync(golden, folder, { recursive: true });

  for (let i = 0; i < WRONG_TOKENS; i++) {
    const { problem, close } = await attempt(options(), null);
    expect(problem?.code).toBe('token-unknown');
    close();
  }
  const fromMs = performance.now();
  const copies = folders.map((folder, i) => boot(folder, i + 1, token));
  expect(new Set(copies.map(({ origin }) => origin))).toEqual(new Set(['machine-changed']));
  const known = await until(
    async () => {
      const all = await agents();
      return all.filter(({ connected, ciId }) => connected && ciId !== null).length === COPIES ? all : null;
    },
    { withinMs: 60_000, what: 'all copies are connected and in the CMDB' },
  );
  figure('a hundred copies behind one address enrolled', (performance.now() - fromMs) / 1_000, 's');
  expect(known).toHaveLength(COPIES + 1);
  expect(known.flatMap(({ findings }) => findings)).toEqual([]);
  const items = await until(
    async () => {
      const { items } = await server.api<{ items: { id: string }[] }>('GET', '/cis?q=golden&limit=500');
      return items.length === COPIES + 1 ? items : null;
    },
    { withinMs: 30_000, what: 'each has a CI of its own' },
  );
  expect(new Set(known.map(({ ciId }) => ciId)).size).toBe(items.length);
  for (const { agent } of copies) agent.kill();
});

test('[AT103] copies that kept one machine-id, host name and inventory, and differ in the UUID alone, are CIs of their own without a question', {
  timeout: 60_000,
}, async () => {
  const kept = 'd'.repeat(32);
  const token = await enrolmentToken(server, { usesMax: KEPT_COPIES + 1 });
  const before = new Set((await agents()).map(({ id }) => id));
  const golden = temporaryFolder('kept');
  const template = boot(golden, COPIES + 1, token, kept);
  const known = async (count: number) =>
    until(
      async () => {
        const found = (await agents()).filter(({ id }) => !before.has(id));
        const isKnown = async (agent: AgentView) =>
          agent.ciId !== null && (await server.api<Ci>('GET', `/cis/${agent.ciId}`)).details.some(isUuid);
        const all = await Promise.all(found.map(isKnown));
        return all.filter(Boolean).length === count ? found : null;
      },
      { withinMs: 20_000, what: 'each has told its inventory' },
    );
  await known(1);
  await template.agent.stop('shutdown');
  const copies = Array.from({ length: KEPT_COPIES }, (_, i) => {
    const folder = temporaryFolder('copy');
    cpSync(golden, folder, { recursive: true });
    return boot(folder, COPIES + 2 + i, token, kept);
  });
  expect(new Set(copies.map(({ origin }) => origin))).toEqual(new Set(['machine-changed']));
  const all = await known(KEPT_COPIES + 1);
  expect(new Set(all.map(({ ciId }) => ciId)).size).toBe(KEPT_COPIES + 1);
  expect(all.flatMap(({ findings }) => findings)).toEqual([]);
  expect(await server.api('GET', '/identity-reviews?state=all')).toMatchObject({ items: [], open: 0 });
  for (const { agent } of copies) agent.kill();
});

test('[AT51] a data folder that was carried off is worth nothing on another machine', {
  timeout: 60_000,
}, async () => {
  const owner = startAgent({ server: server.url, token: await enrolmentToken(server) });
  await until(() => /: connected$/m.test(owner.output()) || null, { withinMs: 20_000, what: 'connected' });
  const [, id = ''] = /: agent ([0-9a-f]{32}) /.exec(owner.output()) ?? [];
  const before = (await agents()).map((agent) => agent.id).sort();
  const stolen = temporaryFolder('stolen');
  await copyOfFolder(owner.dataDir, stolen);
  // Somebody else's machine, as the file sees it.
  const path = join(stolen, IDENTITY_FILE);
  const state = JSON.parse(readFileSync(path, 'utf8')) as { fingerprint: object };
  const fingerprint = { machineId: 'the-first-machine', systemUuid: null, macs: [] };
  writeFileSync(path, JSON.stringify({ ...state, fingerprint }));

  const thief = startAgent({ server: server.url, dataDir: stolen });
  await until(() => /\[no-token\]/.test(thief.output()) || null, {
    withinMs: 20_000,
    what: 'it does not even try without a token',
  });
  expect(thief.output()).toContain('this is another machine than the one the key was made on');
  expect(thief.output()).not.toContain(id);
  expect((await agents()).map((agent) => agent.id).sort()).toEqual(before);
  expect((await agents()).find((agent) => agent.id === id)).toMatchObject({ connected: true, findings: [] });
  await Promise.all([owner.stop(), thief.stop()]);
});
