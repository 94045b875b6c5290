/**
 * What the load of many agents consists of: which series a machine has, and their values by seed, agent and tick.
 * Another program gets the same numbers from here and can check what a server holds sample by sample.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { invariant } from '@muster/shared/invariant.ts';
import { METRICS, type MetricName } from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { SeriesDeclaration } from '@muster/shared/wire/samples.ts';

/** Series of one machine before its pattern repeats with other instances. */
export const PATTERN_SERIES = 100;
const SHARED_WORKLOAD = resolve(import.meta.dirname, '../../../../shared/bench/workload.mjs');

/** Values of one machine, tick after tick. */
export interface MachineValues {
  /** The next tick, in the order of `Workload.series`. */
  next(out: number[]): void;
}

export interface Workload {
  /** Where the values come from: the file of that generator, or our own. */
  readonly source: string;
  readonly series: readonly SeriesDeclaration[];
  machine(seed: number, agent: number): MachineValues;
}

export interface Schedule {
  readonly startMs: Millis;
  readonly intervalMs: Millis;
  readonly agents: number;
}

/** Time of a tick: each agent has its own place within the interval. */
export function tickAtMs({ startMs, intervalMs, agents }: Schedule, agent: number, tick: number): Millis {
  return startMs + tick * intervalMs + phaseMs(intervalMs, agents, agent);
}

/** Spread evenly, but neighbours by number are far apart. */
export function phaseMs(intervalMs: Millis, agents: number, agent: number): Millis {
  const golden = (agent * 0.6180339887498949) % 1;
  return Math.floor(agents > 1 ? golden * intervalMs : 0);
}

/** A generator of 100 series of the kinds of `PATTERN`, in that order. */
interface PatternGenerator {
  next(host: number, out: Float64Array, offset: number): void;
}
type Generate = (seed: number) => PatternGenerator;

/** `series`: how many a machine has; fewer than 100 are taken evenly from the pattern. MUSTER_BENCH_WORKLOAD names another generator. */
export async function openWorkload(series: number): Promise<Workload> {
  const file = process.env.MUSTER_BENCH_WORKLOAD ?? SHARED_WORKLOAD;
  const generate: Generate = existsSync(file) ? await generatorOf(file) : (seed) => new OwnGenerator(seed);
  const places = Array.from({ length: series }, (_, i) =>
    series < PATTERN_SERIES ? Math.floor((i * PATTERN_SERIES) / series) : i,
  );
  return {
    source: existsSync(file) ? file : 'own',
    series: places.map(declarationOf),
    machine: (seed, agent) => machineValues(generate, places, seed * 1_000_003 + agent),
  };
}

async function generatorOf(file: string): Promise<Generate> {
  const { Gen, NS } = (await import(file)) as {
    Gen: new (hosts: number, seed: number) => PatternGenerator;
    NS: number;
  };
  invariant(NS === PATTERN_SERIES, 'the generator makes 100 series');
  return (seed) => new Gen(1, seed);
}

function machineValues(generate: Generate, places: readonly number[], seed: number): MachineValues {
  const blocks = Math.ceil(((places.at(-1) ?? 0) + 1) / PATTERN_SERIES);
  const generators = Array.from({ length: blocks }, (_, block) => generate(seed + block * 7_919));
  // The generators hand out whole patterns; one room serves all machines of the process.
  const room = roomOf(blocks * PATTERN_SERIES);
  return {
    next(out) {
      for (let block = 0; block < blocks; block++)
        (generators[block] as PatternGenerator).next(0, room, block * PATTERN_SERIES);
      for (let i = 0; i < places.length; i++) out[i] = room[places[i] as number] as number;
    },
  };
}

const rooms = new Map<number, Float64Array>();
function roomOf(length: number): Float64Array {
  const known = rooms.get(length);
  if (known) return known;
  const made = new Float64Array(length);
  rooms.set(length, made);
  return made;
}

type Kind = 'share' | 'memory' | 'busy' | 'rare' | 'disk' | 'constant' | 'load' | 'count';
interface Slot {
  readonly kind: Kind;
  readonly metric: MetricName;
  readonly instance: string;
}

const PATTERN: readonly Slot[] = [
  ...slots('share', ['cpu.utilisation', 'cpu.user', 'cpu.system', 'cpu.iowait', 'cpu.steal'], ['']),
  ...slots('share', ['memory.utilisation', 'swap.utilisation'], ['']),
  ...slots('share', ['disk.utilisation'], ['sda']),
  ...slots('share', ['network.utilisation'], ['eth0']),
  ...slots('share', ['filesystem.utilisation'], ['/', '/var']),
  ...slots('share', ['cpu.core.utilisation'], numbered('', 9)),
  ...slots(
    'memory',
    ['memory.used', 'memory.available', 'memory.cached', 'memory.buffers', 'swap.used', 'agent.spool.used'],
    [''],
  ),
  ...slots('memory', ['filesystem.used'], ['/', '/var', '/home', '/srv']),
  ...slots(
    'busy',
    ['network.received', 'network.transmitted', 'network.received.packets', 'network.transmitted.packets'],
    numbered('eth', 4),
  ),
  ...slots('busy', ['disk.read', 'disk.written', 'disk.reads', 'disk.writes'], ['sda', 'sdb']),
  ...slots('busy', ['system.contextswitches'], ['']),
  ...slots(
    'rare',
    [
      'network.received.errors',
      'network.transmitted.errors',
      'network.received.drops',
      'network.transmitted.drops',
    ],
    numbered('eth', 4),
  ).slice(0, 15),
  ...slots('disk', ['filesystem.used', 'filesystem.inodes.used'], numbered('/data', 5)),
  ...slots('constant', ['memory.total', 'swap.total'], ['']),
  ...slots('constant', ['filesystem.inodes.total'], numbered('/data', 5)),
  ...slots('constant', ['filesystem.total'], ['/opt', '/usr', '/tmp']),
  ...slots('load', ['load.1m', 'load.5m', 'load.15m', 'agent.cpu'], ['']),
  ...slots('load', ['disk.await'], ['sda']),
  ...slots('count', ['system.processes', 'system.processes.running', 'system.processes.blocked'], ['']),
  ...slots('count', ['filesystem.inodes.used'], ['/', '/var']),
];
invariant(PATTERN.length === PATTERN_SERIES, 'the pattern has 100 series');

function slots(kind: Kind, metrics: readonly MetricName[], instances: readonly string[]): Slot[] {
  return metrics.flatMap((metric) => instances.map((instance) => ({ kind, metric, instance })));
}

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${name}${i}`);
}

function declarationOf(place: number): SeriesDeclaration {
  const slot = PATTERN[place % PATTERN_SERIES] as Slot;
  const round = Math.floor(place / PATTERN_SERIES);
  if (round === 0) return declared(slot.metric, slot.instance);
  // What there is once on a machine is repeated as something of the same kind that there may be many of.
  const metric = METRICS[slot.metric].instance === 'none' ? MANY[slot.kind] : slot.metric;
  return declared(metric, `${slot.instance === '' ? slot.metric : slot.instance}-${round}`);
}

function declared(metric: MetricName, instance: string): SeriesDeclaration {
  const { kind, decimals } = METRICS[metric];
  return { metric, instance, kind, decimals };
}

const MANY: Record<Kind, MetricName> = {
  share: 'cpu.core.utilisation',
  memory: 'filesystem.used',
  busy: 'disk.reads',
  rare: 'network.received.errors',
  disk: 'filesystem.used',
  constant: 'filesystem.total',
  load: 'disk.await',
  count: 'filesystem.inodes.used',
};

/** Where no other generator is at hand: the same kinds of curves, each series with its own pace. */
class OwnGenerator implements PatternGenerator {
  readonly #values = new Float64Array(PATTERN_SERIES);
  readonly #pace = new Float64Array(PATTERN_SERIES);
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0 || 1;
    for (let i = 0; i < PATTERN_SERIES; i++) {
      this.#pace[i] = this.#random();
      this.#values[i] = FIRST[(PATTERN[i] as Slot).kind] * this.#random();
    }
  }

  next(_host: number, out: Float64Array, offset: number): void {
    for (let i = 0; i < PATTERN_SERIES; i++) out[offset + i] = this.#step(i, (PATTERN[i] as Slot).kind);
  }

  #step(i: number, kind: Kind): number {
    const [before, pace, dice] = [this.#values[i] as number, this.#pace[i] as number, this.#random()];
    switch (kind) {
      case 'share':
      case 'load':
        this.#values[i] = Math.min(100, before + (FIRST[kind] * dice - before) * (0.05 + 0.2 * pace));
        return Math.round(this.#values[i] * 100) / 100;
      case 'memory':
        this.#values[i] = Math.max(0, Math.floor(before / 4_096 + (dice - 0.5) * 400) * 4_096);
        break;
      case 'busy':
        this.#values[i] = Math.floor(before + 10 ** (6 * pace) * (0.5 + dice));
        break;
      case 'rare':
        this.#values[i] = Math.floor(before + (dice > 0.98 ? 1 : 0));
        break;
      case 'disk':
        this.#values[i] = Math.floor(before / 4_096 + (dice > 0.9 ? 600 * pace : 0)) * 4_096;
        break;
      case 'count':
        this.#values[i] = Math.max(0, Math.floor(before + (dice > 0.7 ? (dice - 0.85) * 20 : 0)));
        break;
      case 'constant':
        this.#values[i] = Math.floor(before);
        break;
    }
    return this.#values[i];
  }

  #random(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state / 2 ** 32;
  }
}

/** Upper end of the first value of each kind. */
const FIRST: Record<Kind, number> = {
  share: 40,
  memory: 1.6e10,
  busy: 1e12,
  rare: 1e4,
  disk: 4e11,
  constant: 1e9,
  load: 4,
  count: 300,
};
