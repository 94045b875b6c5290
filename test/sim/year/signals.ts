/** What is measured on a machine: each series a cheap function of the time, and what faults and jobs do to it on top. */
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { OfficeTime } from './office-time.ts';
import { mixed, Random } from './random.ts';

/** wave: level, daily swing and noise. tooth: climbs all day and falls at its minute. awake: 1 while people are there. */
type Kind = 'wave' | 'tooth' | 'fixed' | 'available' | 'uptime' | 'awake';

export interface Signal {
  readonly metric: MetricName;
  readonly instance: string;
  readonly kind: Kind;
  /** Raised by faults that leave something behind, such as counters. */
  base: number;
  readonly swing: number;
  readonly noise: number;
  readonly min: number;
  readonly max: number;
  readonly shape: Shape;
  /** Change of the level over a year. */
  readonly yearly: number;
  readonly seed: number;
  /** available: of the share in the signal before it, what is left of so many bytes. tooth: minute of the fall. */
  readonly size: number;
}

export interface Shape {
  readonly workday: Float64Array;
  readonly offDay: Float64Array;
}

const DAY_MINUTES = 24 * 60;
const SLOT_MINUTES = 5;
const SLOTS = DAY_MINUTES / SLOT_MINUTES;

/** From points (hour, height) a curve over the day, straight between them. */
function curve(points: readonly (readonly [hour: number, height: number])[]): Float64Array {
  const heights = new Float64Array(SLOTS);
  for (let slot = 0; slot < SLOTS; slot++) {
    const hour = (slot * SLOT_MINUTES) / 60;
    const next = points.findIndex(([at]) => at > hour);
    const [fromHour, from] = points[next - 1] ?? [0, 0];
    const [toHour, to] = points[next] ?? [24, from];
    heights[slot] = from + ((to - from) * (hour - fromHour)) / (toHour - fromHour);
  }
  return heights;
}
const flat = (height: number) =>
  curve([
    [0, height],
    [24, height],
  ]);

export const SHAPES = {
  office: {
    workday: curve([
      [0, 0.05],
      [6.5, 0.05],
      [9, 0.85],
      [11, 1],
      [12.5, 0.6],
      [14, 0.95],
      [16.5, 0.8],
      [19, 0.15],
      [24, 0.05],
    ]),
    offDay: flat(0.06),
  },
  web: {
    workday: curve([
      [0, 0.15],
      [5, 0.08],
      [9, 0.8],
      [14, 0.9],
      [20, 0.7],
      [24, 0.15],
    ]),
    offDay: curve([
      [0, 0.12],
      [6, 0.06],
      [12, 0.4],
      [20, 0.45],
      [24, 0.12],
    ]),
  },
  flat: { workday: flat(0), offDay: flat(0) },
} as const satisfies Record<string, Shape>;

/** One moment as all signals see it, worked out once per step. */
export interface Moment {
  atMs: Millis;
  slot: number;
  workday: boolean;
  /** Minutes of the wall clock since midnight. */
  minuteOfDay: number;
  minute: number;
  /** Share of the minute that is over. */
  rest: number;
  /** Share of the year that is over. */
  year: number;
  /** The last change of the clock: by how many minutes, and how many ago. */
  changedBy: number;
  changedAgo: number;
}

export function momentAt(time: OfficeTime, atMs: Millis): Moment {
  const wall = time.wallMinute(atMs);
  const day = Math.floor(wall / DAY_MINUTES);
  const minuteOfDay = wall - day * DAY_MINUTES;
  const minute = Math.floor(atMs / MINUTE_MS);
  return {
    atMs,
    slot: Math.floor(minuteOfDay / SLOT_MINUTES),
    workday: time.isWorkday(day),
    minuteOfDay,
    minute,
    rest: (atMs - minute * MINUTE_MS) / MINUTE_MS,
    year: (atMs - time.startMs) / (365 * DAY_MS),
    ...time.changeBefore(atMs),
  };
}

/** Minutes that really passed since it was this minute of the day last: a changed clock makes nothing grow. */
function minutesSince(minute: number, { minuteOfDay, changedBy, changedAgo }: Moment): number {
  const onTheWall = (minuteOfDay - minute + DAY_MINUTES) % DAY_MINUTES;
  return onTheWall - changedBy > changedAgo ? onTheWall - changedBy : onTheWall;
}

const NOISE_BITS = 14;
/** Standard normal, drawn once; which one a minute has is hashed from it and the signal. */
const NOISE = (() => {
  const random = new Random(20_270_101);
  return Float64Array.from({ length: 1 << NOISE_BITS }, () => random.normal(0, 1));
})();

/** Steady from minute to minute, straight between them: load does not jump every ten seconds. */
function noiseAt(seed: number, { minute, rest }: Moment): number {
  const from = NOISE[mixed(minute + seed) >>> (32 - NOISE_BITS)] as number;
  if (rest === 0) return from;
  const to = NOISE[mixed(minute + 1 + seed) >>> (32 - NOISE_BITS)] as number;
  return from + (to - from) * rest;
}

const AWAKE_ABOVE = 0.2;

/** Fills `values[i]` with signal i, as it is without any fault. */
export function readInto(
  values: number[],
  signals: readonly Signal[],
  moment: Moment,
  bootedMs: Millis,
): void {
  const { slot, workday } = moment;
  for (let i = 0; i < signals.length; i++) {
    const one = signals[i] as Signal;
    switch (one.kind) {
      case 'wave': {
        const height = (workday ? one.shape.workday : one.shape.offDay)[slot] as number;
        let value = one.base + one.swing * height + one.yearly * moment.year;
        if (one.noise !== 0) value += one.noise * noiseAt(one.seed, moment);
        values[i] = value < one.min ? one.min : value > one.max ? one.max : value;
        break;
      }
      case 'tooth': {
        const since = minutesSince(one.size, moment);
        values[i] = one.base + (one.swing * since) / DAY_MINUTES + one.noise * noiseAt(one.seed, moment);
        break;
      }
      case 'fixed':
        values[i] = one.base;
        break;
      case 'available':
        values[i] = leftOf(values[i - 1] as number, one.size);
        break;
      case 'uptime':
        values[i] = Math.floor((moment.atMs - bootedMs) / SECOND_MS);
        break;
      case 'awake': {
        const height = (workday ? one.shape.workday : one.shape.offDay)[slot] as number;
        values[i] = height > AWAKE_ABOVE ? 1 : 0;
        break;
      }
    }
  }
}

/** Bytes left of `sizeBytes` at this share in use. */
export function leftOf(percent: number, sizeBytes: number): number {
  return Math.max(0, Math.round((sizeBytes * (100 - percent)) / 100));
}

interface SignalFields {
  readonly instance?: string;
  readonly base?: number;
  readonly swing?: number;
  readonly noise?: number;
  readonly min?: number;
  readonly max?: number;
  readonly shape?: Shape;
  readonly yearly?: number;
  readonly size?: number;
}

/** Makes the signals of one machine. */
export class SignalMaker {
  readonly signals: Signal[] = [];
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  add(metric: MetricName, kind: Kind, fields: SignalFields = {}): this {
    this.signals.push({
      metric,
      kind,
      instance: fields.instance ?? '',
      base: fields.base ?? 0,
      swing: fields.swing ?? 0,
      noise: fields.noise ?? 0,
      min: fields.min ?? 0,
      max: fields.max ?? 100,
      shape: fields.shape ?? SHAPES.office,
      yearly: fields.yearly ?? 0,
      seed: this.#random.whole(0, 0xffff_ffff),
      size: fields.size ?? 0,
    });
    return this;
  }

  /** Share and bytes left, which follow each other. */
  fileSystem(mount: string, sizeBytes: number, fields: SignalFields, kind: 'wave' | 'tooth' = 'wave'): this {
    return this.add('filesystem.utilisation', kind, {
      noise: 0.05,
      shape: SHAPES.flat,
      max: 99,
      ...fields,
      instance: mount,
    }).add('filesystem.available', 'available', { instance: mount, size: sizeBytes });
  }
}
