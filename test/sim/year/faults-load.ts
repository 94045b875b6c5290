/** Faults that show in the readings: disks, memory, processor, services, temperature, links, the certificate. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Effect } from './effect.ts';
import { hours, minutes, Readings, sway } from './effect.ts';
import type { Fault, Planted } from './fault.ts';
import { type Ground, onGrid } from './ground.ts';
import type { Machine } from './office.ts';

const GIB = 2 ** 30;
/** Nearly full in share and in bytes: what the default rules call a full disk. */
const FULL_PERCENT = 90;
const FULL_LEFT_BYTES = 10 * GIB;
const BEFORE_MS = 10 * MINUTE_MS;
const AFTER_MS = 45 * MINUTE_MS;

type Apply = Effect['apply'];

interface Load {
  readonly kind: string;
  readonly machine: Machine;
  readonly what?: string;
  readonly families: readonly string[];
  readonly fromMs: Millis;
  readonly detectableMs: Millis;
  readonly toMs: Millis;
  readonly apply: Apply;
  readonly finish?: () => void;
}

function loadOf(ground: Ground, load: Load): Planted {
  const { machine, fromMs, detectableMs, toMs } = load;
  const fault: Fault = {
    kind: load.kind,
    must: 'incident',
    subject: load.what === undefined ? machine.name : `${machine.name} ${load.what}`,
    causeIds: new Set([machine.id]),
    hits: ground.idsOf([machine.index]),
    families: load.families,
    fromMs,
    detectableMs,
    toMs,
  };
  const effect: Effect = {
    machine: machine.index,
    fromMs,
    toMs,
    apply: load.apply,
    ...(load.finish ? { finish: load.finish } : {}),
  };
  const machines = [machine.index];
  return {
    fault,
    effects: [effect],
    acts: [],
    fine: [
      { machines, fromMs: detectableMs - BEFORE_MS, toMs: Math.min(toMs, detectableMs + AFTER_MS) },
      { machines, fromMs: toMs - MINUTE_MS, toMs: toMs + 15 * MINUTE_MS },
    ],
  };
}

/** Share in use at the begin of a fault on a file system. */
function shareAt(ground: Ground, machine: Machine, mount: string, atMs: Millis): number {
  const readings = new Readings(machine);
  const signal = readings.signal(readings.at('filesystem.utilisation', mount));
  const year = (atMs - ground.time.startMs) / (365 * DAY_MS);
  return (signal?.base ?? 0) + (signal?.yearly ?? 0) * year;
}

export function diskFillsSlowly(ground: Ground): Planted | null {
  const index = ground.random.pick(ground.servers(({ role }) => !['archive', 'web', 'log'].includes(role)));
  const machine = ground.machine(index);
  const mount = ground.random.chance(0.5) ? '/data' : '/';
  const readings = new Readings(machine);
  const perDay = ground.random.between(0.9, 2.4);
  const fromMs = ground.take([index], 45 * DAY_MS);
  if (fromMs === null) return null;
  const begins = shareAt(ground, machine, mount, fromMs);
  const full = readings.fullAt(mount, FULL_PERCENT, FULL_LEFT_BYTES);
  const detectableMs = fromMs + ((full - begins) / perDay) * DAY_MS;
  return loadOf(ground, {
    kind: 'disk-filling-slowly',
    machine,
    what: mount,
    families: ['filesystem'],
    fromMs,
    detectableMs,
    toMs: detectableMs + hours(ground.random.between(12, 30)),
    apply: (values, atMs) => {
      readings.fill(values, mount, Math.min(99.9, begins + (perDay * (atMs - fromMs)) / DAY_MS));
    },
  });
}

export function diskFillsFast(ground: Ground): Planted | null {
  const index = ground.random.pick(ground.servers(({ role }) => role !== 'archive'));
  const machine = ground.machine(index);
  const readings = new Readings(machine);
  const fillMs = minutes(ground.random.between(15, 80));
  const lengthMs = fillMs + hours(ground.random.between(1, 3));
  const fromMs = ground.take([index], lengthMs);
  if (fromMs === null) return null;
  const begins = shareAt(ground, machine, '/', fromMs);
  const full = readings.fullAt('/', FULL_PERCENT, FULL_LEFT_BYTES);
  return loadOf(ground, {
    kind: 'disk-filling-fast',
    machine,
    what: '/',
    families: ['filesystem'],
    fromMs,
    detectableMs: fromMs + (fillMs * (full - begins)) / (99.9 - begins),
    toMs: fromMs + lengthMs,
    apply: (values, atMs) => {
      const share = Math.min(1, (atMs - fromMs) / fillMs);
      readings.fill(values, '/', begins + (99.9 - begins) * share);
    },
  });
}

/** The logs are rotated as every night, but they have grown for a week, and on the last day they do not fit. */
export function logsOutgrowRotation(ground: Ground): Planted | null {
  const tooth = (one: Machine) => one.signals.some(({ kind }) => kind === 'tooth');
  const candidates = ground.servers(tooth);
  if (candidates.length === 0) return null;
  const index = ground.random.pick(candidates);
  const machine = ground.machine(index);
  const readings = new Readings(machine);
  const signal = readings.signal(readings.at('filesystem.utilisation', '/var'));
  if (!signal) return null;
  const days = 7;
  const around = ground.take([index], (days + 1) * DAY_MS);
  if (around === null) return null;
  const firstDay = Math.ceil(ground.time.wallMinute(around) / 1_440);
  const fromMs = ground.time.at(firstDay, signal.size);
  const lastMs = ground.time.at(firstDay + days - 1, signal.size);
  const toMs = ground.time.at(firstDay + days, signal.size);
  const top = 97;
  const crosses = (FULL_PERCENT - signal.base) / (top - signal.base);
  return loadOf(ground, {
    kind: 'disk-filling-by-logs-that-rotate',
    machine,
    what: '/var',
    families: ['filesystem'],
    fromMs,
    detectableMs: lastMs + (toMs - lastMs) * crosses,
    toMs,
    apply: (values, atMs) => {
      const day = Math.floor((atMs - fromMs) / DAY_MS);
      const height = atMs >= lastMs ? top - signal.base : signal.swing + 0.35 * day;
      const share = ((atMs - fromMs) / DAY_MS) % 1;
      readings.fill(
        values,
        '/var',
        signal.base + height * (atMs >= lastMs ? (atMs - lastMs) / (toMs - lastMs) : share),
      );
    },
  });
}

export function memoryLeaks(ground: Ground): Planted | null {
  const index = ground.random.pick(ground.servers(({ role }) => role !== 'database'));
  const machine = ground.machine(index);
  const readings = new Readings(machine);
  const growMs = hours(ground.random.between(8, 60));
  const lengthMs = growMs + hours(ground.random.between(1, 2));
  const fromMs = ground.take([index], lengthMs);
  if (fromMs === null) return null;
  const begins = readings.signal(readings.at('memory.utilisation'))?.base ?? 50;
  return loadOf(ground, {
    kind: 'memory-leak',
    machine,
    families: ['memory', 'swap', 'io'],
    fromMs,
    detectableMs: fromMs + (growMs * (90 - begins)) / (98.5 - begins),
    toMs: fromMs + lengthMs,
    apply: (values, atMs) => {
      const used = begins + (98.5 - begins) * Math.min(1, (atMs - fromMs) / growMs);
      readings.raise(values, 'memory.utilisation', used);
      if (used > 88) readings.raise(values, 'swap.utilisation', 20 + (used - 88) * 7);
      if (used > 94) readings.raise(values, 'pressure.memory.some', (used - 94) * 8);
    },
  });
}

function runawayOn(ground: Ground, machine: Machine, fromMs: Millis, toMs: Millis): Planted {
  const readings = new Readings(machine);
  const seed = ground.random.between(0, 6);
  return loadOf(ground, {
    kind: 'runaway-process',
    machine,
    families: ['cpu', 'temperature'],
    fromMs,
    detectableMs: fromMs,
    toMs,
    apply: (values, atMs) => {
      const share = sway(atMs, seed);
      readings.set(values, 'cpu.utilisation', 97.5 + 2.5 * share);
      readings.set(values, 'pressure.cpu.some', 58 + 35 * share);
      readings.add(values, 'temperature', 15);
    },
  });
}

export function processRunsAway(ground: Ground): Planted | null {
  const index = ground.random.pick(ground.servers());
  const lengthMs = hours(ground.random.between(3, 9));
  const fromMs = ground.take([index], lengthMs);
  return fromMs === null ? null : runawayOn(ground, ground.machine(index), fromMs, fromMs + lengthMs);
}

export function processRunsAwayOnLaptop(ground: Ground): Planted | null {
  const taken = ground.takeSession(hours(2.2));
  if (taken === null) return null;
  const { fromMs, toMs } = taken.session;
  return runawayOn(
    ground,
    ground.machine(taken.laptop),
    onGrid(fromMs + 12 * MINUTE_MS),
    toMs - 5 * MINUTE_MS,
  );
}

export function swapStorm(ground: Ground): Planted | null {
  const index = ground.random.pick(ground.servers());
  const lengthMs = minutes(ground.random.between(40, 120));
  const fromMs = ground.take([index], lengthMs);
  if (fromMs === null) return null;
  const machine = ground.machine(index);
  const readings = new Readings(machine);
  const seed = ground.random.between(0, 6);
  return loadOf(ground, {
    kind: 'swap-storm',
    machine,
    families: ['memory', 'swap', 'io', 'cpu', 'disk'],
    fromMs,
    detectableMs: fromMs,
    toMs: fromMs + lengthMs,
    apply: (values, atMs) => {
      const share = sway(atMs, seed);
      readings.raise(values, 'memory.utilisation', 96 + 3 * share);
      readings.raise(values, 'swap.utilisation', Math.min(98, 60 + ((atMs - fromMs) / MINUTE_MS) * 3));
      readings.raise(values, 'pressure.memory.some', 45 + 40 * share);
      readings.raise(values, 'pressure.io.some', 50 + 30 * share);
      readings.raise(values, 'disk.utilisation', 85 + 15 * share);
      readings.raise(values, 'disk.await', 0.02 + 0.03 * share);
    },
  });
}

export function inodesRunOut(ground: Ground): Planted | null {
  const index = ground.random.pick(ground.servers());
  const machine = ground.machine(index);
  const readings = new Readings(machine);
  const growMs = hours(ground.random.between(3, 24));
  const lengthMs = growMs + hours(ground.random.between(2, 5));
  const fromMs = ground.take([index], lengthMs);
  if (fromMs === null) return null;
  const begins = readings.signal(readings.at('filesystem.inodes.utilisation', '/'))?.base ?? 10;
  return loadOf(ground, {
    kind: 'inodes',
    machine,
    what: '/',
    families: ['filesystem'],
    fromMs,
    detectableMs: fromMs + (growMs * (90 - begins)) / (99.8 - begins),
    toMs: fromMs + lengthMs,
    apply: (values, atMs) => {
      const share = Math.min(1, (atMs - fromMs) / growMs);
      readings.set(values, 'filesystem.inodes.utilisation', begins + (99.8 - begins) * share, '/');
    },
  });
}

/** Requests fail now and then, ever more often, and all of them take longer. */
export function diskFails(ground: Ground): Planted | null {
  const physical = ground.servers((one) => new Readings(one).has('disk.errors'));
  const index = ground.random.pick(physical);
  const machine = ground.machine(index);
  const readings = new Readings(machine);
  const signal = readings.signal(readings.at('disk.errors'));
  const lengthMs = hours(ground.random.between(10, 40));
  const fromMs = ground.take([index], lengthMs);
  if (fromMs === null || signal === undefined) return null;
  const perHour = ground.random.between(3, 12);
  return loadOf(ground, {
    kind: 'failing-disk',
    machine,
    what: 'sda',
    families: ['disk', 'io', 'filesystem'],
    fromMs,
    detectableMs: fromMs,
    toMs: fromMs + lengthMs,
    apply: (values, atMs) => {
      const passed = (atMs - fromMs) / HOUR_MS;
      readings.add(values, 'disk.errors', 1 + Math.floor(perHour * passed * (1 + passed / 10)));
      readings.raise(values, 'disk.await', 0.03 + 0.12 * sway(atMs, perHour));
      readings.raise(values, 'pressure.io.some', 20 + 20 * sway(atMs, perHour));
    },
    // The new disk has counted nothing.
    finish: () => {
      signal.base = 0;
    },
  });
}

export function serviceDies(ground: Ground): Planted | null {
  const index = ground.random.pick(ground.servers());
  const lengthMs = minutes(ground.random.between(20, 180));
  const fromMs = ground.take([index], lengthMs);
  return fromMs === null ? null : deadService(ground, 'service-died', index, fromMs, fromMs + lengthMs);
}

export function deadService(
  ground: Ground,
  kind: string,
  index: number,
  fromMs: Millis,
  toMs: Millis,
): Planted {
  const machine = ground.machine(index);
  const readings = new Readings(machine);
  const at = readings.at('service.running');
  const unit = readings.signal(at)?.instance ?? '';
  return loadOf(ground, {
    kind,
    machine,
    what: unit,
    families: ['service'],
    fromMs,
    detectableMs: fromMs,
    toMs,
    apply: (values) => {
      values[at] = 0;
    },
  });
}

/** Every few seconds the link goes and comes back. */
export function portFlaps(ground: Ground): Planted | null {
  const index = ground.random.pick(ground.switches());
  const machine = ground.machine(index);
  const readings = new Readings(machine);
  const signals = machine.signals.filter(
    ({ metric, kind }) => metric === 'network.link.changes' && kind === 'fixed',
  );
  const signal = ground.random.pick(signals);
  const port = signal.instance;
  const periodMs = ground.random.between(14, 40) * SECOND_MS;
  const lengthMs = minutes(ground.random.between(25, 90));
  const fromMs = ground.take([index], lengthMs, ground.inHours(9, 16));
  if (fromMs === null) return null;
  return loadOf(ground, {
    kind: 'port-flapping',
    machine,
    what: port,
    families: ['network'],
    fromMs,
    detectableMs: fromMs,
    toMs: fromMs + lengthMs,
    apply: (values, atMs) => {
      const changes = Math.floor((atMs - fromMs) / periodMs) * 2;
      readings.add(values, 'network.link.changes', changes, port);
      const isDown = ((atMs - fromMs) / periodMs) % 1 > 0.75;
      readings.set(values, 'network.link.up', isDown ? 0 : 1, port);
    },
    finish: () => {
      signal.base += Math.floor(lengthMs / periodMs) * 2;
    },
  });
}

export function uplinkSaturates(ground: Ground): Planted | null {
  const index = ground.random.pick(ground.switches());
  const machine = ground.machine(index);
  const readings = new Readings(machine);
  const lengthMs = minutes(ground.random.between(40, 180));
  const fromMs = ground.take([index], lengthMs);
  if (fromMs === null) return null;
  const seed = ground.random.between(0, 6);
  return loadOf(ground, {
    kind: 'uplink-saturated',
    machine,
    what: 'up1',
    families: ['network'],
    fromMs,
    detectableMs: fromMs,
    toMs: fromMs + lengthMs,
    apply: (values, atMs) => {
      readings.set(values, 'network.utilisation', 95.5 + 4.5 * sway(atMs, seed), 'up1');
    },
  });
}

/** Dust and a tired fan: warmer by a degree or two each day. */
export function temperatureDrifts(ground: Ground): Planted | null {
  const physical = ground.servers((one) => new Readings(one).has('temperature'));
  const index = ground.random.pick(physical);
  const machine = ground.machine(index);
  const readings = new Readings(machine);
  const begins = readings.signal(readings.at('temperature'))?.base ?? 42;
  const perDay = ground.random.between(1.2, 3);
  const days = (88 - begins) / perDay;
  const fromMs = ground.take([index], (days + 2) * DAY_MS);
  if (fromMs === null) return null;
  return loadOf(ground, {
    kind: 'temperature-drift',
    machine,
    families: ['temperature'],
    fromMs,
    detectableMs: fromMs + ((80 - begins) / perDay) * DAY_MS,
    toMs: fromMs + (days + 1) * DAY_MS,
    apply: (values, atMs) => {
      const passed = (atMs - fromMs) / DAY_MS;
      readings.add(values, 'temperature', Math.min(88 - begins, perDay * passed));
    },
  });
}

const CERTIFICATE_DAYS = 90;
const RENEWED_DAYS = 30;
/** Less than this left is what a person must hear of: `detectable`. */
const CERTIFICATE_DUE_DAYS = 14;

/** Renewed every two months; once the renewal fails. */
export function certificateExpires(ground: Ground): Planted | null {
  const index = ground.office.ownServer;
  const machine = ground.machine(index);
  const readings = new Readings(machine);
  const { startMs, endMs } = ground.time;
  const cycleMs = (CERTIFICATE_DAYS - RENEWED_DAYS) * DAY_MS;
  const lateMs = (RENEWED_DAYS - ground.random.between(2, 6)) * DAY_MS;
  const firstMs = startMs - ground.random.between(5, 50) * DAY_MS;
  const cycles = Math.floor((endMs - lateMs - 2 * DAY_MS - firstMs) / cycleMs);
  if (cycles < 2) return null;
  const missedMs = firstMs + ground.random.whole(1, cycles) * cycleMs;
  if (missedMs + lateMs > endMs - DAY_MS) return null;
  const planted = loadOf(ground, {
    kind: 'certificate-expiring',
    machine,
    families: ['certificate'],
    fromMs: missedMs,
    detectableMs: missedMs + (RENEWED_DAYS - CERTIFICATE_DUE_DAYS) * DAY_MS,
    toMs: missedMs + lateMs,
    apply: () => undefined,
  });
  const effect: Effect = {
    machine: index,
    fromMs: startMs,
    toMs: endMs,
    apply: (values, atMs) => {
      const isLate = atMs >= missedMs && atMs < missedMs + lateMs;
      const sinceMs = atMs < missedMs ? firstMs : missedMs + lateMs;
      const ageMs = isLate ? cycleMs + (atMs - missedMs) : (atMs - sinceMs) % cycleMs;
      readings.set(values, 'certificate.remaining', (CERTIFICATE_DAYS * DAY_MS - ageMs) / SECOND_MS);
    },
  };
  return { ...planted, effects: [effect] };
}
