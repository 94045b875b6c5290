/** Believable values without storage: any series at any time is a pure function of its names and the clock. */
import { METRICS, type MetricName } from '@muster/shared/metrics/catalogue.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';

/** 0 to 1 from text, FNV-1a. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value ^= value >>> 15;
  return ((Math.imul(value, 0x2c1b3c6d) ^ (value >>> 12)) >>> 0) / 2 ** 32;
}

/** Smooth noise from −1 to 1 that changes about once in `periodMs`. */
function noise(seed: string, atMs: Millis, periodMs: number): number {
  const at = atMs / periodMs;
  const low = Math.floor(at);
  const share = at - low;
  const ease = share * share * (3 - 2 * share);
  const a = hash(`${seed}:${low}`) * 2 - 1;
  const b = hash(`${seed}:${low + 1}`) * 2 - 1;
  return a + (b - a) * ease;
}

export interface Load {
  /** Typical CPU share, 0 to 100. */
  readonly cpu: number;
  readonly memory: number;
  readonly memoryBytes: number;
  readonly cores: number;
  /** Mount → [share in use, size in bytes]. */
  readonly fileSystems: Readonly<Record<string, readonly [number, number]>>;
  readonly disks: readonly string[];
  readonly interfaces: readonly string[];
  /** A story told on top: from `sinceMs` the CPU or a disk is in trouble. */
  readonly trouble?: { readonly kind: 'cpu' | 'disk'; readonly sinceMs: Millis; readonly mount?: string };
}

export function instancesOf(metric: MetricName, load: Load): readonly string[] {
  switch (METRICS[metric].instance) {
    case 'none':
      return [''];
    case 'core':
      return Array.from({ length: load.cores }, (_, core) => String(core));
    case 'device':
      return load.disks;
    case 'mount':
      return Object.keys(load.fileSystems);
    case 'interface':
      return load.interfaces;
    case 'sensor':
      return ['coretemp'];
    case 'service':
      return ['ssh.service'];
    case 'check':
      return metric === 'check.http.status'
        ? ['intranet']
        : metric === 'check.certificate.remaining'
          ? ['intranet', 'mail']
          : ['intranet', 'mail', 'order database'];
  }
}

/** Value at a moment in the catalogue's unit; counters as rates. */
export function valueAt(
  seed: string,
  load: Load,
  metric: MetricName,
  instance: string,
  atMs: Millis,
): number {
  const wave = (periodMs: number, name: string = metric) =>
    noise(`${seed}/${name}/${instance}`, atMs, periodMs);
  const busy = Math.max(
    0.4,
    1 + 0.35 * wave(7 * MINUTE_MS, 'busy') + 0.18 * wave(20_000, 'busy') + 0.12 * wave(3_000),
  );
  const inTrouble = load.trouble !== undefined && atMs >= load.trouble.sinceMs;
  const cpu =
    inTrouble && load.trouble?.kind === 'cpu' ? 95 + 3 * wave(9_000) : Math.min(98, load.cpu * busy);
  const [share, sizeBytes] = load.fileSystems[instance] ?? [0, 0];
  const growing = inTrouble && load.trouble?.kind === 'disk' && load.trouble.mount === instance;
  const full = Math.min(
    99.2,
    share + (growing ? ((atMs - (load.trouble?.sinceMs ?? 0)) / MINUTE_MS) * 0.28 : 0) + 0.04 * wave(HOUR_MS),
  );
  const memory = Math.min(97, load.memory + 1.6 * wave(9 * MINUTE_MS) + 0.25 * wave(11_000));
  const diskRate = (inTrouble && load.trouble?.kind === 'disk' ? 24 : 1.4) * 2 ** 20;
  const values: Partial<Record<MetricName, () => number>> = {
    'cpu.utilisation': () => cpu,
    'cpu.user': () => cpu * 0.68,
    'cpu.system': () => cpu * 0.22,
    'cpu.iowait': () => cpu * 0.08,
    'cpu.steal': () => 0,
    'cpu.core.utilisation': () => Math.min(100, Math.max(0, cpu * (1 + 0.5 * wave(30_000)))),
    'load.1m': () => (cpu / 100) * load.cores * (1 + 0.2 * wave(60_000)),
    'load.5m': () => (cpu / 100) * load.cores * (1 + 0.2 * wave(60_000)),
    'load.15m': () => (cpu / 100) * load.cores * (1 + 0.2 * wave(60_000)),
    'pressure.cpu.some': () => Math.max(0, cpu > 80 ? 40 + 8 * wave(8_000) : cpu * 0.06 * busy),
    'pressure.memory.some': () => Math.max(0, (memory - 60) * 0.02 * busy),
    'pressure.io.some': () => Math.max(0, 1.8 * busy + (inTrouble ? 4 : 0)),
    'memory.total': () => load.memoryBytes,
    'memory.used': () => (load.memoryBytes * memory) / 100,
    'memory.available': () => load.memoryBytes * (1 - memory / 100),
    'memory.cached': () => load.memoryBytes * 0.19 * (1 + 0.05 * wave(HOUR_MS)),
    'memory.utilisation': () => memory,
    'swap.total': () => 4 * 2 ** 30,
    'swap.used': () => 2 ** 28 * (1 + 0.2 * wave(HOUR_MS)),
    'swap.utilisation': () => 6 + wave(HOUR_MS),
    'filesystem.total': () => sizeBytes,
    'filesystem.used': () => (sizeBytes * full) / 100,
    'filesystem.available': () => sizeBytes * (1 - full / 100),
    'filesystem.utilisation': () => full,
    'filesystem.inodes.utilisation': () => full * 0.3,
    'disk.read': () => Math.max(0, 2 ** 20 * (1 + wave(25_000)) * (1 + 0.6 * wave(2_500))),
    'disk.written': () => Math.max(0, diskRate * (1 + 0.25 * wave(40_000) + 0.2 * wave(2_000))),
    'disk.await': () =>
      Math.max(0.0002, 0.0036 * (1 + 0.4 * wave(45_000) + 0.4 * wave(2_500)) * (inTrouble ? 1.6 : 1)),
    'disk.utilisation': () => Math.min(100, Math.max(0, 12 * busy + (inTrouble ? 30 : 0))),
    'network.received': () =>
      Math.max(0, 16 * 2 ** 20 * (load.cpu / 100) * (1 + 0.4 * wave(50_000) + 0.3 * wave(2_200))),
    'network.transmitted': () =>
      Math.max(0, 4 * 2 ** 20 * (load.cpu / 100) * (1 + 0.4 * wave(50_000) + 0.4 * wave(2_600))),
    'system.uptime': () => 1_656_000,
    'filesystem.errors': () => 0,
    'disk.errors': () => 0,
    'network.link.up': () => 1,
    'network.link.changes': () => 0,
    'network.utilisation': () => Math.min(100, load.cpu * 0.4 * busy),
    'service.running': () => 1,
    'certificate.remaining': () => (220 * DAY_MS) / SECOND_MS,
    'check.success': () => (instance === 'order database' ? 0 : 1),
    'check.failures': () => (instance === 'order database' ? 7 : 0),
    'check.duration': () => (instance === 'order database' ? 5 : 0.042 * busy),
    'check.http.status': () => 200,
    'check.certificate.remaining': () => ((instance === 'mail' ? 9.4 : 61) * DAY_MS) / SECOND_MS,
    temperature: () => 44 + cpu * 0.2,
  };
  return values[metric]?.() ?? Math.max(0, 10 * busy);
}

/** A short agent upgrade in every hour: where a gap in the samples lies, or null outside. */
export function inGap(seed: string, atMs: Millis): boolean {
  const hour = Math.floor(atMs / HOUR_MS);
  if (hash(`${seed}/gap/${hour}`) > 0.5) return false;
  const startMs = hour * HOUR_MS + hash(`${seed}/gap/at/${hour}`) * 50 * MINUTE_MS;
  return atMs >= startMs && atMs < startMs + 45_000;
}
