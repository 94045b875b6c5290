import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeNetwork } from '../../test/wire-fake-socket.ts';
import { eventsOf, FAKE_CONFIG, FakeServer } from '../../test/wire-server-fake.ts';
import { Agent } from './agent.ts';
import { createFakeHost } from './host-fake.ts';
import { memoryIdentity } from './identity.ts';
import { machineOf } from './machine.ts';
import { PROCESS_LISTS_SHARE_MAX, ProcessPace } from './process-pace.ts';
import { Spool } from './spool.ts';
import { FakeTime } from './time-fake.ts';

test('[FP7] whatever lists cost and however often they are wanted, they take no more than their share', () => {
  const share = fc.double({ min: 0.01, max: 1, noNaN: true });
  const wanted = fc.array(fc.record({ afterMs: fc.nat({ max: 5_000 }), costMs: fc.nat({ max: 3_000 }) }), {
    minLength: 1,
    maxLength: 50,
  });
  fc.assert(
    fc.property(share, wanted, (of, asks) => {
      const pace = new ProcessPace(of);
      let nowMs = 0;
      let spentMs = 0;
      for (const { afterMs, costMs } of asks) {
        nowMs += afterMs;
        if (pace.waitMs(nowMs) > 0) continue;
        // Of the time up to each list, whatever the list itself costs.
        expect(spentMs).toBeLessThanOrEqual(nowMs * of + 1e-6);
        pace.made(nowMs, nowMs + costMs);
        nowMs += costMs;
        spentMs += costMs;
      }
    }),
  );
});

test('[FP7] who waits as long as told may make a list, and cheap ones are never waited for', () => {
  const pace = new ProcessPace(0.05);
  expect(pace.waitMs(100)).toBe(0);
  pace.made(100, 1_100);
  expect(pace.waitMs(1_100)).toBe(19_000);
  expect(pace.waitMs(20_100)).toBe(0);
  pace.made(30_000, 30_010);
  expect(pace.waitMs(31_000)).toBe(0);
});

const PROCESSES = 20_000;
/** Of one small file of /proc. */
const READ_MS = 0.05;
const TICKS_A_SECOND = 100;

/** A server of 20,000 processes, of which the first uses a whole CPU. */
async function crowdedWorld() {
  const time = new FakeTime();
  let busyMs = 0;
  const stat = (pid: number, ticks: number) =>
    `${pid} (p${pid}) S 1 1 1 0 -1 0 0 0 0 0 ${ticks} 0 0 0 20 0 1 0 100 1000 ${pid} 0\n`;
  const fake = createFakeHost();
  const pids = Array.from({ length: PROCESSES }, (_, i) => String(i + 1));
  const elapsedMs = () => time.elapsedMs() + busyMs;
  const lists: number[] = [];
  const host = {
    ...fake,
    now: () => time.nowMs() + busyMs,
    monotonicMs: elapsedMs,
    list: (path: string) => (path === '/proc' ? pids : fake.list(path)),
    readText: (path: string) => {
      const pid = /^\/proc\/(\d+)\/stat$/.exec(path)?.[1];
      if (pid === undefined) return fake.readText(path);
      if (pid === '1') lists.push(elapsedMs());
      busyMs += READ_MS;
      return stat(Number(pid), pid === '1' ? Math.round((elapsedMs() / 1_000) * TICKS_A_SECOND) : 0);
    },
  };
  const server = new FakeServer({ nowMs: host.now, config: FAKE_CONFIG });
  server.tokens.set('T', 1);
  const network = new FakeNetwork(server, time);
  const agent = new Agent({
    machine: machineOf(host, async () => new Map()),
    spool: new Spool({
      path: ':memory:',
      nowMs: host.now,
      randomBytes: (count) => new Uint8Array(count).fill(1),
    }),
    link: {
      open: network.open,
      identity: memoryIdentity(),
      serverKey: server.key,
      firstSight: false,
      token: 'T',
      facts: { agentVersion: '0.1.0', hostname: 'pc', platform: 'linux' },
      timers: time.timers,
      random: { unit: () => 0.5, bytes: (count) => new Uint8Array(count).fill(9) },
    },
    log: () => undefined,
    onStatus: () => undefined,
  });
  const pass = async (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      time.advance(1_000);
      for (const session of server.sessions)
        if (session.agent) session.send({ type: 'clock', serverTimeMs: host.now() });
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    }
  };
  agent.start();
  await pass(2);
  return { server, agent, pass, lists, elapsedMs, busyMs: () => busyMs };
}

test('[FP7] with 20,000 processes a live view keeps its readings each second, and lists are as rare as they are dear', async () => {
  const { server, agent, pass, lists, elapsedMs, busyMs } = await crowdedWorld();
  const fromMs = elapsedMs();
  for (let minute = 0; minute < 2; minute++) {
    server.session.send({ type: 'live', leaseMs: 60_000, intervalMs: 1_000 });
    await pass(55);
  }
  agent.kill();
  const listMs = PROCESSES * READ_MS;
  expect(lists.length).toBeGreaterThan(4);
  expect(busyMs()).toBeLessThanOrEqual((elapsedMs() - fromMs) * PROCESS_LISTS_SHARE_MAX + listMs);
  const sent = server.agent.messages.filter((message) => message.type === 'processes');
  expect(sent).toHaveLength(lists.length - 1);
  for (const { items, atMs } of sent) {
    expect(items[0]).toMatchObject({ pid: 1, name: 'p1' });
    expect(items[0]?.cpuPercent).toBeCloseTo(100, -1);
    expect(atMs).toBeGreaterThan(0);
  }
  const readings = new Set(server.agent.live.map(({ atMs }) => atMs));
  expect(readings.size).toBeGreaterThan(90);
});

test('[FP7] recordings that several alerts ask for share what lists may cost, and each is answered', async () => {
  const { server, agent, pass, elapsedMs, busyMs } = await crowdedWorld();
  const fromMs = elapsedMs();
  for (const requestId of ['r1', 'r2', 'r3']) server.session.send({ type: 'record', requestId });
  await pass(150);
  agent.kill();
  const flights = eventsOf(server.agent).filter((event) => event.type === 'flight');
  expect(flights.map(({ requestId }) => requestId).toSorted()).toEqual(['r1', 'r2', 'r3']);
  for (const { topProcesses } of flights) expect(topProcesses[0]?.cpuPercent).toBeCloseTo(100, -1);
  expect(busyMs()).toBeLessThanOrEqual(
    (elapsedMs() - fromMs) * PROCESS_LISTS_SHARE_MAX + PROCESSES * READ_MS,
  );
});
