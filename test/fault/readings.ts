/** What the machines of the fault runs send: every frame follows from its seed, so that another process can say what must be there. */
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';

export const MACHINES = 3;
export const SERIES = 7;
const TICKS_PER_FRAME = 3;
export const STEP_MS = 5 * MINUTE_MS;
export const START_MS: Millis = Date.UTC(2026, 2, 1);

export interface Reading {
  readonly atMs: Millis;
  /** Indexes of the machine's series, ascending. */
  readonly series: readonly number[];
  readonly values: readonly number[];
}

/** Ticks of one frame, counted from 1; some come late, some twice with another value, some lack series. */
export function frameOf(seed: number, machine: number, seq: number): Reading[] {
  const own = Array.from({ length: TICKS_PER_FRAME }, (_, i) => (seq - 1) * TICKS_PER_FRAME + i);
  const held = isHeldBack(seed, machine, seq) ? own.filter((tick) => tick % TICKS_PER_FRAME !== 1) : own;
  const late =
    seq > LATE_FRAMES && isHeldBack(seed, machine, seq - LATE_FRAMES) ? middleOf(seq - LATE_FRAMES) : [];
  const again = random(seed, machine, seq, 2) < 0.1 && seq > 1 ? [(seq - 2) * TICKS_PER_FRAME] : [];
  return [
    ...again.map((tick) => readingOf(seed, machine, tick, 1_000)),
    ...late.map((tick) => readingOf(seed, machine, tick)),
    ...held.map((tick) => readingOf(seed, machine, tick)),
  ];
}

/** Every value that the frames up to `seq` bring into effect: by series, by time. */
export function effectOf(seed: number, machine: number, seq: number): Map<Millis, number>[] {
  const effect = Array.from({ length: SERIES }, () => new Map<Millis, number>());
  for (let n = 1; n <= seq; n++) {
    for (const { atMs, series, values } of frameOf(seed, machine, n)) {
      for (const [i, one] of series.entries()) {
        const known = effect[one] as Map<Millis, number>;
        if (!known.has(atMs)) known.set(atMs, values[i] as number);
      }
    }
  }
  return effect;
}

/** Time of the last tick of a frame. */
export function endOf(seq: number): Millis {
  return START_MS + seq * TICKS_PER_FRAME * STEP_MS;
}

/** A tick held back comes so many frames later. */
const LATE_FRAMES = 40;

function isHeldBack(seed: number, machine: number, seq: number): boolean {
  return random(seed, machine, seq, 1) < 0.05;
}

function middleOf(seq: number): number[] {
  return [(seq - 1) * TICKS_PER_FRAME + 1];
}

/** `offset` makes values that differ from the first ones. */
function readingOf(seed: number, machine: number, tick: number, offset = 0): Reading {
  const series = Array.from({ length: SERIES }, (_, one) => one).filter(
    (one) => random(seed, machine, tick, 100 + one) > 0.03,
  );
  return {
    atMs: START_MS + tick * STEP_MS,
    series,
    values: series.map((one) => valueOf(seed, machine, tick, one) + offset),
  };
}

function valueOf(seed: number, machine: number, tick: number, one: number): number {
  const chance = random(seed, machine, tick, 200 + one);
  if (chance < 0.005) return [Number.NaN, Number.POSITIVE_INFINITY, -0, 2 ** 60, 5e-324][tick % 5] as number;
  if (one === 0) return 7;
  if (one < 4) return Math.round(chance * 10_000) / 100;
  return chance;
}

/** From 0 to 1, from four numbers: three rounds of a 32-bit mixer. */
function random(a: number, b: number, c: number, d: number): number {
  let x =
    Math.imul(a + 1, 0x9e37_79b1) ^
    Math.imul(b + 1, 0x85eb_ca77) ^
    Math.imul(c + 1, 0xc2b2_ae3d) ^
    Math.imul(d + 1, 0x27d4_eb2f);
  for (let round = 0; round < 3; round++) {
    x = Math.imul(x ^ (x >>> 15), 0x2c1b_3c6d);
    x ^= x >>> 13;
  }
  return (x >>> 0) / 2 ** 32;
}
