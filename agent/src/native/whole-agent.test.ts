/** The whole agent on machines that answer as Windows and macOS do: what arrives at the server, in which units. */
import { isMetricName } from '@muster/shared/metrics/catalogue.ts';
import { afterEach, expect, test } from 'vitest';
import { FakeNetwork } from '../../../test/wire-fake-socket.ts';
import { FakeServer, samplesOf } from '../../../test/wire-server-fake.ts';
import { Agent } from '../agent.ts';
import { createFakeHost, type FakeHost } from '../host-fake.ts';
import type { StartHelper } from '../helper/helper.ts';
import type { FileSystemFigures } from '../host.ts';
import { memoryIdentity } from '../identity.ts';
import { machineOf } from '../machine.ts';
import { fakeMac, macAt } from '../macos/macos-fixture.ts';
import { SHELL } from '../macos/shell.ts';
import { MacosSystem } from '../macos/system.ts';
import { Spool } from '../spool.ts';
import { FakeTime } from '../time-fake.ts';
import { fakeWindows, windowsAt } from '../windows/windows-fixture.ts';
import { powershell } from '../windows/powershell.ts';
import { WindowsSystem } from '../windows/system.ts';
import type { CoreTimes, NativeSystem } from './system.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const GIB = 2 ** 30;
const VOLUME: FileSystemFigures = {
  totalBytes: 100 * GIB,
  freeBytes: 40 * GIB,
  availableBytes: 40 * GIB,
  inodesTotal: 4_000_000_000,
  inodesFree: 3_999_000_000,
};
const FILE_SYSTEMS = { 'C:\\': VOLUME, 'C:\\data\\': VOLUME, '/': VOLUME, '/Volumes/Backup': VOLUME };

/** Half of each second in programs, a quarter in the system. */
const cores = (time: FakeTime): CoreTimes[] => {
  const second = time.elapsedMs() + 100_000;
  return [{ user: second / 2, nice: 0, system: second / 4, idle: second / 4 }];
};

interface World {
  readonly time: FakeTime;
  readonly host: FakeHost;
  readonly server: FakeServer;
  readonly started: number[];
  /** Lets `seconds` pass, and answers arrive in between. */
  pass(seconds: number): Promise<void>;
  /** Series to values in the order of their ticks. */
  series(): Map<string, number[]>;
}

function worldOf(
  platform: 'win32' | 'darwin',
  makeSystem: (
    time: FakeTime,
    start: (inner: StartHelper) => StartHelper,
  ) => NativeSystem & { close(): void },
): World {
  const time = new FakeTime();
  const started: number[] = [];
  const counting =
    (inner: StartHelper): StartHelper =>
    (program, events) => {
      started.push(time.elapsedMs());
      return inner(program, events);
    };
  const system = makeSystem(time, counting);
  closers.push(() => system.close());
  const fake = createFakeHost({ platform, system, fileSystems: FILE_SYSTEMS });
  const host: FakeHost = {
    ...fake,
    now: time.nowMs,
    monotonicMs: time.elapsedMs,
    run: async () => {
      throw new Error('a tick starts no program');
    },
  };
  const server = new FakeServer({ nowMs: time.nowMs });
  server.tokens.set('T', 1);
  const network = new FakeNetwork(server, time);
  let next = 1;
  const agent = new Agent({
    machine: machineOf(host, async () => new Map()),
    spool: new Spool({
      path: ':memory:',
      nowMs: time.nowMs,
      randomBytes: (count) => new Uint8Array(count).fill(next++),
    }),
    link: {
      open: network.open,
      identity: memoryIdentity(),
      serverKey: server.key,
      firstSight: false,
      token: 'T',
      facts: { agentVersion: '0.1.0', hostname: 'pc', platform },
      timers: time.timers,
      random: { unit: () => 0.5, bytes: (count) => new Uint8Array(count).fill(9) },
    },
    log: () => undefined,
    onStatus: () => undefined,
  });
  agent.start();
  closers.push(() => agent.kill());
  return {
    time,
    host,
    server,
    started,
    pass: async (seconds) => {
      // Each answer of the helper is some turns of promises away; none of them waits for time.
      const answered = () => new Promise((resolve) => setImmediate(resolve));
      await answered();
      for (let second = 0; second < seconds; second++) {
        time.advance(1_000);
        await answered();
      }
    },
    series: () => {
      const values = new Map<string, number[]>();
      for (const { metric, instance, value } of samplesOf(server.agent)) {
        const name = instance === '' ? metric : `${metric}|${instance}`;
        values.set(name, [...(values.get(name) ?? []), value]);
      }
      return values;
    },
  };
}

const last = (values: Map<string, number[]>) =>
  Object.fromEntries(
    [...values].filter(([name]) => !name.startsWith('agent.')).map(([name, all]) => [name, all.at(-1)]),
  );

function windowsWorld() {
  const machine = fakeWindows(windowsAt(1_000));
  const world = worldOf(
    'win32',
    (time, counted) =>
      new WindowsSystem({
        program: powershell('C:\\Windows'),
        start: counted(machine.start),
        timers: time.timers,
        elapsedMs: time.elapsedMs,
        run: async () => ({ ok: false, stdout: '', stderr: '' }),
        registry: { file: 'reg.exe', env: {} },
        identity: { machineGuid: 'AB', hardwareConfig: null, bootCount: '7', bootedAtMinute: 1 },
        log: () => undefined,
        figures: {
          uptimeSeconds: () => 1_000 + time.elapsedMs() / 1_000,
          cores: () => cores(time),
          loadAverages: () => null,
          memoryTotalBytes: () => 16 * GIB,
          memoryAvailableBytes: () => 4 * GIB,
        },
      }),
  );
  return { machine, ...world };
}

test('[CO48] [CO50] [CO52] a Windows machine at the server', async () => {
  const { pass, machine, series, time, started } = windowsWorld();
  await pass(0);
  for (let second = 0; second < 60; second++) {
    machine.classes = windowsAt(1_001 + time.elapsedMs() / 1_000);
    await pass(1);
  }
  expect(started).toHaveLength(1);
  const values = last(series());
  expect(values).toMatchObject({
    'cpu.utilisation': 75,
    'cpu.user': 50,
    'cpu.system': 25,
    'cpu.core.utilisation|0': 75,
    'memory.total': 16 * GIB,
    'memory.used': 12 * GIB,
    'memory.available': 4 * GIB,
    'memory.utilisation': 75,
    'memory.cached': 10_000,
    'swap.total': GIB,
    'swap.used': GIB / 4,
    'swap.utilisation': 25,
    'filesystem.total|C:': 100 * GIB,
    'filesystem.used|C:\\data': 60 * GIB,
    'filesystem.utilisation|C:': 60,
    'disk.await|PhysicalDisk0': 0.002,
    'disk.utilisation|PhysicalDisk0': 30,
    'network.link.up|Ethernet 2': 1,
    'network.received.errors|Ethernet 2': 1,
    'network.received.drops|Ethernet 2': 2,
    'network.transmitted.errors|Ethernet 2': 3,
    'network.transmitted.drops|Ethernet 2': 4,
    'network.utilisation|Ethernet 2': 10,
    'system.processes': 123,
    'service.running|Spooler': 1,
  });
  expect(
    Object.keys(values).filter((name) => /inodes|load\.|iowait|steal|isatap|_Total|swap\.in/.test(name)),
  ).toEqual([]);
  expect(Object.keys(values).filter((name) => name.startsWith('service.'))).toEqual([
    'service.running|Spooler',
  ]);
  for (const name of Object.keys(values)) expect(isMetricName(name.split('|')[0] ?? '')).toBe(true);
  const read = series().get('disk.read|PhysicalDisk0') ?? [];
  expect(read.length).toBeGreaterThan(3);
  // Each reading once, of counters that go on: 100 × 4 KiB a second.
  expect(new Set(read).size).toBe(read.length);
  for (const [at, value] of read.slice(1).entries()) expect(value - (read[at] ?? 0)).toBe(100 * 4_096 * 10);
});

test('[CO50] a helper that hangs: what it said goes out of date, what Node has goes on', async () => {
  const { pass, machine, series } = windowsWorld();
  await pass(25);
  const before = series();
  expect(before.has('disk.read|PhysicalDisk0')).toBe(true);
  machine.hangs = true;
  await pass(120);
  const count = (name: string) => series().get(name)?.length ?? 0;
  expect(count('cpu.utilisation') - (before.get('cpu.utilisation')?.length ?? 0)).toBeGreaterThan(10);
  expect(count('filesystem.used|C:') - (before.get('filesystem.used|C:')?.length ?? 0)).toBeGreaterThan(10);
  expect(count('disk.read|PhysicalDisk0')).toBeLessThanOrEqual(
    (before.get('disk.read|PhysicalDisk0')?.length ?? 0) + 1,
  );
  expect(count('system.processes') - (before.get('system.processes')?.length ?? 0)).toBeLessThanOrEqual(4);
  machine.hangs = false;
  await pass(120);
  expect(count('system.processes')).toBeGreaterThan((before.get('system.processes')?.length ?? 0) + 6);
});

test('[CO48] where PowerShell is forbidden, CPU, memory and uptime are there all the same', async () => {
  const forbidden = worldOf(
    'win32',
    (time, counted) =>
      new WindowsSystem({
        program: powershell('C:\\Windows'),
        start: counted((_program, events) => {
          queueMicrotask(() => events.ended('ended with code 1: disabled by the administrator'));
          return { write: () => undefined, kill: () => undefined };
        }),
        timers: time.timers,
        elapsedMs: time.elapsedMs,
        run: async () => ({ ok: false, stdout: '', stderr: '' }),
        registry: { file: 'reg.exe', env: {} },
        identity: { machineGuid: null, hardwareConfig: null, bootCount: null, bootedAtMinute: 1 },
        log: () => undefined,
        figures: {
          uptimeSeconds: () => 5,
          cores: () => cores(time),
          loadAverages: () => null,
          memoryTotalBytes: () => 16 * GIB,
          memoryAvailableBytes: () => 4 * GIB,
        },
      }),
  );
  await forbidden.pass(40);
  const names = Object.keys(last(forbidden.series()));
  expect(names).toEqual(
    expect.arrayContaining(['cpu.utilisation', 'memory.utilisation', 'system.uptime', 'filesystem.used|/']),
  );
  expect(names.filter((name) => /^(?:disk|network|service|system\.processes)/.test(name))).toEqual([]);
  // At once, then 5, 10, 20 s after each failure.
  expect(forbidden.started.length).toBeLessThanOrEqual(4);
});

test('[CO48] [CO54] [CO55] [CO56] a Mac at the server', async () => {
  const machine = fakeMac(macAt(1_000));
  const total = 500_000 * 16_384;
  const { pass, series, time, started } = worldOf(
    'darwin',
    (clock, counted) =>
      new MacosSystem({
        program: SHELL,
        start: counted(machine.start),
        timers: clock.timers,
        elapsedMs: clock.elapsedMs,
        run: async () => ({ ok: false, stdout: '', stderr: '' }),
        bootId: 'B',
        platformUuid: null,
        readText: () => null,
        log: () => undefined,
        figures: {
          uptimeSeconds: () => 1_000,
          cores: () => cores(clock),
          loadAverages: () => [1.5, 2.25, 3],
          memoryTotalBytes: () => total,
          memoryAvailableBytes: () => null,
        },
      }),
  );
  await pass(0);
  for (let second = 0; second < 60; second++) {
    machine.answers = macAt(1_001 + time.elapsedMs() / 1_000);
    await pass(1);
  }
  expect(started).toHaveLength(1);
  const values = last(series());
  expect(values).toMatchObject({
    'cpu.utilisation': 75,
    'load.1m': 1.5,
    'load.15m': 3,
    'memory.total': total,
    'memory.used': 190_000 * 16_384,
    'memory.available': 310_000 * 16_384,
    'memory.utilisation': 38,
    'swap.total': 2 * GIB,
    'filesystem.utilisation|/': 60,
    'filesystem.total|/Volumes/Backup': 100 * GIB,
    'disk.await|disk0': 0.001,
    'disk.errors|disk0': 3,
    'network.link.up|en0': 1,
    'network.utilisation|en0': 0.1,
    'network.transmitted.drops|en0': 7,
    'network.received|utun0': 300,
    'system.uptime': 1_000,
    'system.processes': 3,
    'system.processes.running': 1,
    'system.processes.blocked': 1,
  });
  expect(
    Object.keys(values).filter((name) =>
      /inodes|lo0|disk\.utilisation|service|contextswitches|received\.drops/.test(name),
    ),
  ).toEqual([]);
  const rates = (name: string): number[] => {
    const all = series().get(name) ?? [];
    return all.slice(1).map((value, at) => value - (all[at] ?? 0));
  };
  expect(new Set(rates('disk.writes|disk0'))).toEqual(new Set([100]));
  expect(new Set(rates('swap.out'))).toEqual(new Set([3 * 16_384 * 10]));
});

test('[CO53] while nobody tells which services a trigger starts, none is watched', async () => {
  const { pass, machine, series } = windowsWorld();
  const { TriggerInfo: _, ...without } = machine.classes;
  machine.classes = without;
  await pass(25);
  expect([...series().keys()].filter((name) => name.startsWith('service.'))).toEqual([]);
  expect(series().has('filesystem.used|C:\\data')).toBe(true);
});

test('[CO59] top processes, and no word of arguments in what is asked', async () => {
  const { pass, machine, host, time } = windowsWorld();
  const watched = machineOf(host, async () => new Map());
  watched.topProcesses(null, 0);
  await pass(2);
  machine.classes = windowsAt(1_000 + time.elapsedMs() / 1_000 + 8);
  watched.topProcesses(null, 0);
  await pass(8);
  const { items } = watched.topProcesses(null, 0, 5);
  expect(items[0]).toMatchObject({ pid: 812, name: 'sqlservr.exe', user: '', residentBytes: 4_000_000_000 });
  expect(items).toHaveLength(2);
  expect(machine.statements.join('\n')).not.toMatch(/CommandLine|ExecutablePath|Environment/i);
  for (const statement of machine.statements) expect(statement).not.toMatch(/[\r\n]/);
});
