/** An agent on a recorded machine, its frames as the server gets them: nothing of what is switched off is in them. */
import { readdirSync, readFileSync } from 'node:fs';
import { sign } from 'node:crypto';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { fieldsOfSection } from '@muster/shared/privacy/fields.ts';
import { INVENTORY_SECTIONS, type InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import type { AgentConfig, SignedConfig } from '@muster/shared/wire/server-messages.ts';
import { configInput, configText } from '@muster/shared/wire/signed-config.ts';
import { expect, test } from 'vitest';
import { FakeNetwork } from '../../test/wire-fake-socket.ts';
import { FAKE_CONFIG, FakeServer, samplesOf } from '../../test/wire-server-fake.ts';
import { Agent } from './agent.ts';
import type { CheckReach } from './checks/reach-names.ts';
import { Configuration } from './configuration.ts';
import { memoryIdentity } from './identity.ts';
import { collectInventory, SECTION_COLLECTORS } from './inventory/index.ts';
import { recordedHost } from './inventory/recorded-host.ts';
import { machineOf } from './machine.ts';
import { Spool } from './spool.ts';
import { allowedEvent } from './switched-off.ts';
import { FakeTime } from './time-fake.ts';

const everything = INVENTORY_SECTIONS.flatMap((section) => {
  const folder = join(import.meta.dirname, 'inventory', section, 'testcases');
  return readdirSync(folder).map((name) => {
    const text = readFileSync(join(folder, name, 'machine.txt'), 'utf8');
    return text.slice(text.search(/^== /m));
  });
}).join('\n');
const RUNNING = `
== /proc/stat
cpu  100 0 100 1000 0 0 0 0 0 0
cpu0 100 0 100 1000 0 0 0 0 0 0
== /proc/loadavg
0.10 0.20 0.30 1/100 812
== /proc/812/stat
812 (postgres) S 1 812 812 0 -1 4194560 1 0 0 0 50 20 0 0 20 0 1 0 1000 200000 5000 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0
== /proc/812/status
Uid:\t1000\t1000\t1000\t1000
`;

async function stage(
  kept: AgentConfig | null = null,
  gate = Promise.resolve(),
  reach: CheckReach = 'network',
) {
  const host = recordedHost(`${everything}\n${RUNNING}`);
  const machine = machineOf(host, (report, asked) =>
    collectInventory(host, report, Object.values(SECTION_COLLECTORS), asked),
  );
  const time = new FakeTime();
  const server = new FakeServer({
    nowMs: time.nowMs,
    config: { ...FAKE_CONFIG, fingerprints: { directories: ['/etc'] } },
  });
  server.tokens.set('T', 100);
  const network = new FakeNetwork(server, time);
  const identity = memoryIdentity();
  const signed = (version: number, config: Partial<AgentConfig>): SignedConfig => {
    const text = configText(identity.keys.agentId, {
      version,
      config: { ...server.behaviour.config, ...config },
    });
    return { text, signature: sign(null, configInput(text), server.privateKey).toString('base64url') };
  };
  let stored = kept === null ? null : JSON.stringify({ ...signed(1, kept), serverKey: server.key });
  let next = 1;
  const log: string[] = [];
  const spool = new Spool({
    path: ':memory:',
    nowMs: time.nowMs,
    randomBytes: (count) => new Uint8Array(count).fill(next++),
  });
  const checked: (readonly unknown[])[] = [];
  const agent = new Agent({
    checks: {
      configure: (checks) => checked.push(checks),
      samples: () => (checked.at(-1)?.length ? [{ metric: 'check.success', instance: 'db', value: 1 }] : []),
      status: () => ({ reach, count: 0, failing: [], refused: [], untried: 0 }),
      stop: () => checked.push([]),
    },
    machine: {
      ...machine,
      inventory: async (...asked) => {
        const found = await machine.inventory(...asked);
        await gate;
        return found;
      },
      clocks: () => ({ wallMs: time.nowMs(), sinceBootMs: time.elapsedMs(), awakeMs: time.elapsedMs() }),
    },
    spool,
    configuration: new Configuration({
      place: { read: () => stored, write: (text) => void (stored = text) },
      agentId: identity.keys.agentId,
      serverKey: server.key,
      nowMs: time.nowMs,
      log: (line) => log.push(line),
    }),
    link: {
      open: network.open,
      identity,
      serverKey: server.key,
      firstSight: false,
      token: 'T',
      facts: { agentVersion: '0.1.0', hostname: 'pc', platform: 'linux' },
      timers: time.timers,
      random: { unit: () => 0.5, bytes: (count) => new Uint8Array(count).fill(9) },
    },
    log: (line) => log.push(line),
    onStatus: () => {},
  });
  const pass = async (durationMs: number) => {
    for (let left = durationMs; left > 0; left -= 1_000) {
      time.advance(Math.min(left, 1_000));
      for (const session of server.sessions)
        if (session.agent) session.send({ type: 'clock', serverTimeMs: time.nowMs() });
      for (let i = 0; i < 20; i++) await new Promise(setImmediate);
    }
  };
  /** As the server holds them: a report without contents confirms what was told before. */
  const sections = () => {
    const held: Record<string, { data?: unknown }> = {};
    for (const frame of server.agent.frames)
      for (const [name, told] of Object.entries(frame.type === 'inventory' ? frame.body.sections : {}))
        if (told?.data !== undefined) held[name] = told;
    return held;
  };
  /** The section once it is (or is not) as it is on this machine. */
  const section = async (name: InventorySection, is: (text: string) => boolean = () => true) => {
    for (let i = 0; i < 500; i++) {
      const text = JSON.stringify(sections()[name]?.data);
      if (text !== undefined && is(text)) return sections()[name]?.data;
      await pass(100);
    }
    throw new Error(`${name} stays ${JSON.stringify(sections()[name]?.data)}`);
  };
  /** The whole inventory as text. */
  const whole = async () => {
    for (const name of INVENTORY_SECTIONS) await section(name);
    return JSON.stringify(sections());
  };
  agent.start();
  await pass(1_000);
  return { agent, server, network, spool, signed, pass, section, sections, whole, log, checked };
}

const NO_USERS = { users: [], groups: [], lastUser: null, lastUserAtMs: null };
const hasUsers = (text: string) => text.includes('"shell"');

test('[CF20] by the kept configuration, from the first frame on: of a section that is off there is nothing', async () => {
  const { server, section, whole } = await stage({
    ...FAKE_CONFIG,
    sectionsOff: ['users', 'sockets', 'hardware'],
  });
  await whole();
  expect(await section('users')).toEqual(NO_USERS);
  expect(await section('sockets')).toEqual({ listening: [], outgoing: [] });
  // That one is needed.
  expect(JSON.stringify(await section('hardware'))).toMatch(/"manufacturer":"/);
  expect(JSON.stringify(server.agent.frames)).not.toContain('"shell"');
});

test('[CF20] told while it runs: the section is emptied with the next report, and on again it comes whole', async () => {
  const { server, signed, section } = await stage();
  await section('users', hasUsers);
  const configure = (version: number, config: Partial<AgentConfig>) =>
    server.session.send({ type: 'configure', config: FAKE_CONFIG, signed: signed(version, config) });
  configure(1, { sectionsOff: ['users'] });
  expect(await section('users', (text) => !hasUsers(text))).toEqual(NO_USERS);
  configure(2, {});
  await section('users', hasUsers);
  expect(server.agent.messages.filter(({ type }) => type === 'configured')).toEqual([
    { type: 'configured', version: 1, refused: null },
    { type: 'configured', version: 2, refused: null },
  ]);
});

test('[CF20] switched off in the middle of a collection: what was found by then is not sent', async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const { server, signed, section, pass } = await stage(null, gate);
  await pass(5_000);
  const config = { sectionsOff: ['users'] };
  server.session.send({ type: 'configure', config: FAKE_CONFIG, signed: signed(1, config) });
  await pass(1_000);
  open();
  expect(await section('users')).toEqual(NO_USERS);
  expect(JSON.stringify(server.agent.frames)).not.toContain('"shell"');
});

test('[CF20] with every field off that can be, no account, program or serial number of a device is in any frame', async () => {
  const off = INVENTORY_SECTIONS.flatMap((section) =>
    fieldsOfSection(section)
      .filter(({ switchable, kind }) => switchable && kind !== 'list')
      .map(({ path }) => path),
  );
  const before = await (await stage()).whole();
  const after = await (await stage({ ...FAKE_CONFIG, fieldsOff: [...off, 'users.groups.members'] })).whole();
  for (const field of ['fullName', 'lastUser', 'owner', 'process', 'user', 'publisher']) {
    expect(before).toMatch(new RegExp(`"${field}":"`));
    expect(after).not.toMatch(new RegExp(`"${field}":"`));
  }
});

test('[CF22] a collector that is off gives no series, and what the recorder held of it is forgotten', async () => {
  const { server, signed, pass } = await stage();
  await pass(10_000);
  expect(
    samplesOf(server.agent).some(({ metric }) => metric === 'cpu.utilisation' || metric === 'load.1m'),
  ).toBe(true);
  server.session.send({
    type: 'configure',
    config: FAKE_CONFIG,
    signed: signed(1, {
      collectorsOff: ['cpu', 'load', 'memory', 'disk', 'network', 'processes', 'pressure'],
    }),
  });
  await pass(1_000);
  const sent = server.agent.frames.length;
  server.session.send({ type: 'record', requestId: 'r1' });
  await pass(20_000);
  const later = JSON.stringify(server.agent.frames.slice(sent));
  expect(later).toContain('"flight"');
  expect(later).not.toMatch(/"(cpu|load|memory|disk|network)\./);
});

test('[CF22] the busiest processes go without what is off of them', async () => {
  const { server, signed, pass } = await stage();
  const live = async (version: number, fieldsOff: string[]) => {
    server.session.send({ type: 'configure', config: FAKE_CONFIG, signed: signed(version, { fieldsOff }) });
    server.session.send({ type: 'live', leaseMs: 3_000, intervalMs: 1_000 });
    await pass(4_000);
    const last = server.agent.messages.filter((message) => message.type === 'processes').at(-1);
    return last?.type === 'processes' ? last.items : [];
  };
  const items = await live(1, []);
  expect(items.some(({ name, user }) => name !== '' && user !== '')).toBe(true);
  const without = await live(2, ['processes.name', 'processes.user']);
  expect(without.length).toBe(items.length);
  expect(without.filter(({ name, user }) => name !== '' || user !== '')).toEqual([]);
  expect(await live(3, ['processes'])).toEqual([]);
});

test('[CF12] a replayed or changed configuration is refused on a live line, told to the server, and all goes on as before', async () => {
  const { agent, server, signed, pass, section, log } = await stage();
  const tell = async (one: SignedConfig) => {
    server.session.send({ type: 'configure', config: FAKE_CONFIG, signed: one });
    await pass(1_000);
    return server.agent.messages.findLast(({ type }) => type === 'configured');
  };
  const old = signed(4, {});
  await tell(old);
  await tell(signed(5, { sectionsOff: ['users'], intervalMs: 5_000 }));
  expect(await tell(old)).toEqual({
    type: 'configured',
    version: 5,
    refused: 'version 4 is older than 5, which this agent has taken',
  });
  const six = signed(6, {});
  expect(await tell({ ...six, text: six.text.replace('"version":6', '"version":7') })).toMatchObject({
    version: 5,
    refused: expect.stringContaining('signature'),
  });
  expect(agent.status().intervalMs).toBe(5_000);
  expect(agent.connection.online).toBe(true);
  expect(await section('users', (text) => !hasUsers(text))).toEqual(NO_USERS);
  expect(log.filter((line) => line.includes('is not taken'))).toHaveLength(2);
});

test('[CF14] an older server, which signs nothing, is followed by an agent that never had a signed configuration, and by no other', async () => {
  const { agent, server, signed, pass, log } = await stage();
  const plain = { type: 'configure', config: { ...FAKE_CONFIG, intervalMs: 7_000 } } as const;
  server.session.send(plain);
  await pass(1_000);
  expect(agent.status().intervalMs).toBe(7_000);
  expect(server.agent.messages.filter(({ type }) => type === 'configured')).toEqual([]);
  server.session.send({ ...plain, signed: signed(1, { intervalMs: 6_000 }) });
  server.session.send(plain);
  await pass(1_000);
  expect(agent.status().intervalMs).toBe(6_000);
  expect(log).toContainEqual('the server sent a configuration without a signature; version 1 stays');
});

test('[CF24] what waited while the line was down is sent without what the server has switched off meanwhile, and the section comes anew', async () => {
  const { agent, server, network, signed, pass, section, sections } = await stage();
  await section('users', hasUsers);
  await pass(3_000);
  server.behaviour.acks = 'manual';
  network.down = true;
  network.cut();
  await pass(60_000);
  const sent = server.agent.frames.length;
  expect(agent.status().spool.depth).toBeGreaterThan(3);
  const off = signed(1, { collectorsOff: ['load', 'agent-self'], sectionsOff: ['users'] });
  server.behaviour.tamper = (message, text) =>
    message.type === 'accepted' ? JSON.stringify({ ...message, signed: off }) : text;
  network.down = false;
  await pass(90_000);
  const waited = samplesOf(server.agent).length;
  expect(waited).toBeGreaterThan(0);
  const later = server.agent.frames.slice(sent);
  expect(later.length).toBeGreaterThan(3);
  const metrics = later.flatMap((frame) =>
    frame.type === 'samples' ? frame.samples.map(({ metric }) => metric) : [],
  );
  expect(metrics).toContain('memory.total');
  expect(metrics.filter((metric) => /^(load|agent)\./.test(metric))).toEqual([]);
  expect(server.agent.gaps).toEqual([]);
  expect(await section('users', (text) => !hasUsers(text))).toEqual(NO_USERS);
  expect(Object.keys(sections())).toContain('software');
});

test('[CF24] an inventory that waits goes without the section, which is then told as empty', async () => {
  const { server, network, spool, signed, pass, section } = await stage();
  network.down = true;
  network.cut();
  const waiting = () => {
    for (let entry = spool.next(0); entry; entry = spool.next(entry.seq))
      if (entry.type === 'inventory') return zstdDecompressSync(entry.body).toString();
    return '';
  };
  for (let i = 0; i < 500 && !hasUsers(waiting()); i++) await pass(100);
  expect(waiting()).toContain('"shell"');
  const off = signed(1, { sectionsOff: ['users'], fieldsOff: ['sockets.outgoing'] });
  server.behaviour.tamper = (message, text) =>
    message.type === 'accepted' ? JSON.stringify({ ...message, signed: off }) : text;
  network.down = false;
  await pass(60_000);
  expect(await section('users')).toEqual(NO_USERS);
  expect(await section('sockets')).toMatchObject({ outgoing: [] });
  await section('software');
  expect(JSON.stringify(server.agent.frames)).not.toContain('"shell"');
});

const CHECKS = [
  { name: 'db', check: { kind: 'tcp', host: 'db', port: 1, intervalMs: 60_000, timeoutMs: 5_000 } },
];

test('[CK20] [CK30] checks come from a signed configuration alone, from the kept one on, and their results go with the ticks', async () => {
  const { agent, server, signed, pass, checked } = await stage({ ...FAKE_CONFIG, checks: CHECKS });
  expect(checked[0]).toEqual(CHECKS);
  await pass(12_000);
  expect(samplesOf(server.agent)).toContainEqual(
    expect.objectContaining({ metric: 'check.success', instance: 'db' }),
  );
  const off = { checks: CHECKS, collectorsOff: ['checks'] };
  server.session.send({ type: 'configure', config: FAKE_CONFIG, signed: signed(2, off) });
  await pass(1_000);
  expect(checked.at(-1)).toEqual([]);
  server.session.send({ type: 'configure', config: FAKE_CONFIG, signed: signed(3, { checks: CHECKS }) });
  await pass(1_000);
  expect(checked.at(-1)).toEqual(CHECKS);
  agent.kill();
  expect(checked.at(-1)).toEqual([]);

  const plain = await stage();
  plain.server.session.send({ type: 'configure', config: { ...FAKE_CONFIG, checks: CHECKS } });
  await plain.pass(1_000);
  expect(plain.checked.filter(({ length }) => length > 0)).toEqual([]);
});

test('[CK31] the server is told whether checks are run here', async () => {
  const offered = async (reach: CheckReach) => {
    const { server } = await stage(null, Promise.resolve(), reach);
    return server.session.capabilities.filter((name) => name.startsWith('checks'));
  };
  expect(await offered('network')).toEqual(['checks']);
  expect(await offered('off')).toEqual(['checks-forbidden']);
});

test('[CF24] of a check that failed before checks were switched off nothing is told but that it did', () => {
  const event = {
    type: 'collector-failed',
    atMs: 1,
    collector: 'check db',
    detail: 'answered 10.0.0.7',
  } as const;
  expect(allowedEvent(event, { collectorsOff: ['checks'] })).toEqual({
    ...event,
    detail: 'switched off since',
  });
  expect(allowedEvent(event, { collectorsOff: ['load'] })).toEqual(event);
});
