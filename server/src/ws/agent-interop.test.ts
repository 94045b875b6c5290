import { generateKeyPairSync, randomBytes } from 'node:crypto';
import {
  Connection,
  type ConnectionEvents,
  type LinkStatus,
  type OpenSocket,
} from '@muster/agent/connection.ts';
import { LinkError } from '@muster/agent/handshake.ts';
import { memoryIdentity } from '@muster/agent/identity.ts';
import { Spool } from '@muster/agent/spool.ts';
import { FakeTime } from '@muster/agent/time-fake.ts';
import type { ProtocolVersions } from '@muster/shared/wire/protocol-versions.ts';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createWorld, FakeSocket, mortal, settle, START_MS, STOPPING, type World } from './testing.ts';
import { pointRows } from '../metrics/range-points.ts';

/** Servers that follow each other on one set of stores; killing one leaves what is durable. */
class Servers {
  readonly #key = generateKeyPairSync('ed25519').privateKey;
  readonly lasting = createWorld({ serverKey: this.#key });
  readonly all: World[] = [];
  readonly #versions: ProtocolVersions | undefined;
  #life = mortal(this.lasting.store, this.lasting.metrics);

  constructor(versions?: ProtocolVersions) {
    this.#versions = versions;
    this.kill();
  }

  get present(): World {
    return this.all.at(-1) as World;
  }

  kill(): void {
    this.#life.kill();
    this.#life = mortal(this.lasting.store, this.lasting.metrics);
    const { clock, cmdb } = this.lasting;
    const versions = this.#versions;
    this.all.push(createWorld({ clock, cmdb, ...this.#life.parts, serverKey: this.#key, versions }));
  }
}

/** The line between the two: what is under way when it is cut arrives nowhere. */
class Line {
  /** What the server has sent as text. */
  readonly sent: string[] = [];
  readonly #servers: Servers;
  #cut: () => void = () => undefined;

  constructor(servers: Servers) {
    this.#servers = servers;
  }

  cut(): void {
    this.#cut();
  }

  readonly open: OpenSocket = (events) => {
    const server = new FakeSocket();
    const connection = this.#servers.present.link.agents.attach(server, {
      address: '10.0.0.1',
      tlsExporter: null,
    });
    let alive = true;
    const later = (act: () => void) => queueMicrotask(() => alive && act());
    const end = (code: number, reason: string, fault: LinkError | null) => {
      if (!alive) return;
      alive = false;
      connection.closed();
      events.closed(code, reason, fault);
    };
    server.send = (text) => {
      this.sent.push(text);
      later(() => events.text(text));
    };
    server.close = (code, reason) => later(() => end(code, reason, null));
    server.terminate = () => later(() => end(1006, '', null));
    server.ping = (payload) =>
      later(() => {
        events.pinged();
        connection.pong(payload);
      });
    this.#cut = () => end(1006, '', new LinkError('unreachable', 'connection reset'));
    later(() => events.opened());
    return {
      // A message that the server gets may be the last: the copy is made when it is sent.
      send: (data) => {
        const copy = typeof data === 'string' ? data : data.slice();
        later(() => (typeof copy === 'string' ? connection.text(copy) : connection.binary(copy)));
      },
      close: () => later(() => end(1000, '', null)),
      bufferedBytes: 0,
      exporter: () => null,
    };
  };
}

const REAL_MS_MAX = 10_000;

/** An agent as it is, but for what is around it. */
function connect(parts: {
  line: Line;
  time: FakeTime;
  spool: Spool;
  identity: ReturnType<typeof memoryIdentity>;
  serverKey: string;
  token: string;
  versions?: ProtocolVersions;
  status?: ConnectionEvents['status'];
}): Connection {
  const { line, time, spool, identity, serverKey, token, versions, status = () => undefined } = parts;
  return new Connection({
    open: line.open,
    spool,
    identity,
    serverKey,
    firstSight: false,
    token,
    capabilities: ['live'],
    ...(versions === undefined ? {} : { versions }),
    facts: { agentVersion: '0.1.0', hostname: 'pc-1', platform: 'linux', bootId: 'boot-1' },
    nowMs: time.nowMs,
    elapsedMs: time.elapsedMs,
    timers: time.timers,
    random: { unit: () => 0.5, bytes: randomBytes },
    on: {
      accepted: () => undefined,
      acknowledged: () => undefined,
      configured: () => undefined,
      live: () => undefined,
      record: () => undefined,
      witness: () => undefined,
      upgrade: () => undefined,
      rollBack: () => undefined,
      skew: () => undefined,
      restored: () => undefined,
      status,
    },
  });
}

const step = fc.record({
  write: fc.constantFrom('tick', 'tick', 'tick', 'event', 'nothing'),
  fault: fc.constantFrom('none', 'none', 'none', 'cut', 'kill', 'cut and kill'),
  /** How far things get before the next step. */
  turns: fc.integer({ min: 0, max: 3 }),
  passMs: fc.constantFrom(0, 500, 1_000, 20_000),
});

test('[IG1] with the agent as it is: lines cut and servers killed at any instant, everything written arrives exactly once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const servers = new Servers();
      const line = new Line(servers);
      const time = new FakeTime(servers.lasting.clock.now());
      const pass = async (ms: number) => {
        time.advance(ms);
        servers.lasting.clock.advance(ms);
        await servers.present.link.tick(servers.lasting.clock.now());
      };
      const spool = new Spool({ path: ':memory:', nowMs: time.nowMs, randomBytes });
      const identity = memoryIdentity();
      const connection = connect({
        line,
        time,
        spool,
        identity,
        serverKey: servers.lasting.fleet.serverKey.text,
        token: await servers.present.token(),
      });
      const written: number[][] = [];
      let events = 0;
      connection.start();
      for (const { write, fault, turns, passMs } of steps) {
        await pass(passMs + 1);
        if (write === 'tick') {
          const value = written.length + 1;
          spool.appendTick(time.nowMs(), [{ metric: 'cpu.utilisation', instance: '', value }]);
          written.push([time.nowMs(), value]);
        }
        if (write === 'event') {
          spool.appendEvents([{ ...STOPPING, atMs: time.nowMs() }], time.nowMs());
          events++;
        }
        connection.pump();
        for (let turn = 0; turn < turns; turn++) await settle();
        if (fault.includes('kill')) servers.kill();
        if (fault !== 'none') line.cut();
      }
      // Bodies are inflated in another thread, which takes real time.
      const sinceMs = performance.now();
      while (spool.depth > 0 && performance.now() - sinceMs < REAL_MS_MAX) {
        await pass(500);
        await settle();
      }
      expect(spool.depth).toBe(0);
      expect(spool.dropped).toBe(0);
      const { agentId } = identity.keys;
      const query = {
        ciId: servers.lasting.cmdb.ciOf(agentId),
        metric: 'cpu.utilisation',
        fromMs: START_MS,
        toMs: time.nowMs() + 1,
        points: 10_000,
      } as const;
      const { series } = await servers.lasting.metrics.range(query, time.nowMs());
      expect(series.flatMap(({ points }) => pointRows(points))).toEqual(written);
      const heard = servers.all.flatMap((world) =>
        world.calls('event').map(({ args }) => JSON.stringify(args[1])),
      );
      expect(new Set(heard).size).toBe(events);
      expect(await servers.lasting.store.agent(agentId)).toMatchObject({
        missingFrames: 0,
        droppedFrames: 0,
        findings: [],
      });
      connection.stop();
      spool.close();
    }),
    { numRuns: 100 },
  );
}, 60_000);

/** One agent and one server; seconds pass for both. */
async function meet(server: ProtocolVersions, agent: ProtocolVersions) {
  const servers = new Servers(server);
  const { lasting } = servers;
  const line = new Line(servers);
  const time = new FakeTime(lasting.clock.now());
  const spool = new Spool({ path: ':memory:', nowMs: time.nowMs, randomBytes });
  const identity = memoryIdentity();
  const statuses: LinkStatus[] = [];
  const connection = connect({
    line,
    time,
    spool,
    identity,
    serverKey: lasting.fleet.serverKey.text,
    token: await servers.present.token({ usesMax: 1 }),
    versions: agent,
    status: (status) => statuses.push(status),
  });
  onTestFinished(() => {
    connection.stop();
    spool.close();
  });
  connection.start();
  await settle();
  const second = async () => {
    time.advance(1_000);
    lasting.clock.advance(1_000);
    await servers.present.link.tick(lasting.clock.now());
    await settle();
  };
  /** Both ends wait in their own time, and inflate in another thread's. */
  const passUntil = async (condition: () => boolean) => {
    const sinceMs = performance.now();
    while (!condition() && performance.now() - sinceMs < REAL_MS_MAX) await second();
    expect(condition()).toBe(true);
  };
  const messages = (type: string) => line.sent.filter((text) => text.startsWith(`{"type":"${type}"`));
  return {
    servers,
    line,
    identity,
    statuses,
    passUntil,
    messages,
    chosen: () => messages('welcome').map((text): number => JSON.parse(text).version),
    async sends(value: number) {
      spool.appendTick(time.nowMs(), [{ metric: 'cpu.utilisation', instance: '', value }]);
      connection.pump();
      await passUntil(() => spool.depth === 0);
    },
  };
}

test.each<[string, ProtocolVersions, ProtocolVersions, number]>([
  ['an agent one version old, at a newer server', [1, 2], [1, 1], 1],
  ['a newer agent, at a server one version old', [1, 1], [1, 2], 1],
  ['both of the newer version', [1, 2], [1, 2], 2],
  ['both with an older one behind them', [2, 3], [1, 2], 2],
])(
  '[LK160] %s: they speak the highest version of both; the agent enrols, sends, resumes and sends on',
  async (_who, server, agent, version) => {
    const { servers, line, identity, passUntil, messages, chosen, sends } = await meet(server, agent);
    await sends(1);
    line.cut();
    await passUntil(() => messages('accepted').length === 2);
    await sends(2);
    servers.kill();
    line.cut();
    await passUntil(() => messages('accepted').length === 3);
    await sends(3);
    expect(chosen()).toEqual([version, version, version]);
    const { agentId } = identity.keys;
    const { lasting } = servers;
    const query = {
      ciId: lasting.cmdb.ciOf(agentId),
      metric: 'cpu.utilisation',
      fromMs: START_MS,
      toMs: lasting.clock.now() + 1,
      points: 10_000,
    } as const;
    const { series } = await lasting.metrics.range(query, lasting.clock.now());
    expect(series.flatMap(({ points }) => pointRows(points)).map(([, value]) => value)).toEqual([1, 2, 3]);
  },
);

test('[LK160] an agent two versions old is refused, and says which of the two is to be upgraded', async () => {
  const { statuses, chosen } = await meet([2, 3], [1, 1]);
  expect(chosen()).toEqual([]);
  expect(statuses.at(-1)).toMatchObject({
    state: 'waiting',
    problem: {
      code: 'version-unsupported',
      detail: 'the agent speaks protocol 1 to 1, this server 2 to 3',
      retry: false,
    },
  });
});
