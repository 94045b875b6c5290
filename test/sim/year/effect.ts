/** What happens to the readings of a machine for a while, be it a fault or an ordinary job. */
import { HOUR_MS, MINUTE_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Machine } from './office.ts';
import { leftOf } from './signals.ts';
import type { Signal } from './signals.ts';

export interface Effect {
  readonly machine: number;
  /** Half-open. */
  readonly fromMs: Millis;
  readonly toMs: Millis;
  /** Changes values in place; `values[i]` is of signal i of the machine. */
  readonly apply: (values: number[], atMs: Millis) => void;
  /** What stays behind when it is over, such as a counter that went on. */
  readonly finish?: () => void;
}

/** Where the readings of a machine stand that an effect changes. */
export class Readings {
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  has(metric: string, instance?: string): boolean {
    return this.at(metric, instance) >= 0;
  }

  /** -1: there is none; assigning there does no harm. */
  at(metric: string, instance?: string): number {
    return this.#machine.signals.findIndex(
      (one) => one.metric === metric && (instance === undefined || one.instance === instance),
    );
  }

  signal(index: number): Signal | undefined {
    return this.#machine.signals[index];
  }

  sizeOf(mount: string): number {
    return this.signal(this.at('filesystem.available', mount))?.size ?? 0;
  }

  /** Share in use at which the file system is both nearly full and short of this many bytes. */
  fullAt(mount: string, sharePercent: number, leftBytes: number): number {
    return Math.max(sharePercent, 100 - (100 * leftBytes) / this.sizeOf(mount));
  }

  fill(values: number[], mount: string, percent: number): void {
    const index = this.at('filesystem.utilisation', mount);
    const signal = this.signal(index + 1);
    if (index < 0 || signal === undefined) return;
    values[index] = percent;
    values[index + 1] = leftOf(percent, signal.size);
  }

  set(values: number[], metric: string, value: number, instance?: string): void {
    const index = this.at(metric, instance);
    if (index >= 0) values[index] = value;
  }

  raise(values: number[], metric: string, value: number, instance?: string): void {
    const index = this.at(metric, instance);
    if (index >= 0) values[index] = Math.max(values[index] ?? 0, value);
  }

  add(values: number[], metric: string, value: number, instance?: string): void {
    const index = this.at(metric, instance);
    if (index >= 0) values[index] = (values[index] ?? 0) + value;
  }
}

/** Between 0 and 1, the same for the same minute, smooth: how much of its range an effect uses now. */
export function sway(atMs: Millis, seed: number): number {
  const slow = Math.sin(atMs / (7 * MINUTE_MS) + seed);
  const fast = Math.sin(atMs / (1.3 * MINUTE_MS) + seed * 1.7);
  return 0.5 + 0.3 * slow + 0.2 * fast;
}

export function hours(count: number): Millis {
  return count * HOUR_MS;
}

export function minutes(count: number): Millis {
  return count * MINUTE_MS;
}
