/** The last ten minutes of the key series, in memory, for the moment somebody asks what happened. */
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { AgentEvent } from '@muster/shared/wire/frame-bodies.ts';
import { FLIGHT_INTERVAL_MS, FLIGHT_MS } from '@muster/shared/wire/limits.ts';

/** What the agent asks of a recorder, however it keeps what it reads. `off` names collectors that are switched off. */
export interface Recorder {
  read(atMs: Millis, off: readonly string[]): void;
  /** `pause` lets others run in between. */
  recording(off: readonly string[], pause: () => Promise<void>): Promise<FlightRecording>;
  /** The wall clock was set: what was recorded is told in the new time. */
  shiftTimes(deltaMs: Millis): void;
}

export type FlightRecording = Pick<Extract<AgentEvent, { type: 'flight' }>, 'timesMs' | 'series'>;

/** Readings kept; the oldest gives way. */
export const FLIGHT_READINGS_MAX = FLIGHT_MS / FLIGHT_INTERVAL_MS;
/** Series kept, as many as one event may carry; later ones are left out. */
export const FLIGHT_SERIES_MAX = 256;

interface Column {
  readonly metric: string;
  readonly instance: string;
  /** NaN where nothing was read. */
  readonly values: Float64Array;
  lastReading: number;
}

export class FlightRecorder {
  readonly #times = new Float64Array(FLIGHT_READINGS_MAX);
  readonly #columns = new Map<string, Column>();
  /** Readings so far; the next one goes to this number modulo the ring. */
  #readings = 0;

  record(atMs: Millis, samples: readonly Sample[]): void {
    const slot = this.#readings % FLIGHT_READINGS_MAX;
    this.#times[slot] = atMs;
    for (const column of this.#columns.values()) column.values[slot] = Number.NaN;
    for (const { metric, instance, value } of samples) {
      const column = this.#column(metric, instance);
      if (!column) continue;
      column.values[slot] = value;
      column.lastReading = this.#readings;
    }
    this.#readings++;
    if (slot === 0) this.#forgetGone();
  }

  /** Times ascending by reading; a value that was not read is null. */
  recording(): FlightRecording {
    const count = Math.min(this.#readings, FLIGHT_READINGS_MAX);
    const slots = Array.from({ length: count }, (_, i) => (this.#readings - count + i) % FLIGHT_READINGS_MAX);
    return {
      timesMs: slots.map((slot) => this.#times[slot] as number),
      series: [...this.#columns.values()].map(({ metric, instance, values }) => ({
        metric,
        instance,
        values: slots.map((slot) => {
          const value = values[slot] as number;
          return Number.isFinite(value) ? value : null;
        }),
      })),
    };
  }

  /** The wall clock was set: what was recorded is told in the new time. */
  shiftTimes(deltaMs: Millis): void {
    for (let slot = 0; slot < FLIGHT_READINGS_MAX; slot++) {
      this.#times[slot] = Math.max(0, (this.#times[slot] as number) + deltaMs);
    }
  }

  #column(metric: string, instance: string): Column | null {
    const key = `${metric}\0${instance}`;
    const known = this.#columns.get(key);
    if (known) return known;
    if (this.#columns.size >= FLIGHT_SERIES_MAX) return null;
    const values = new Float64Array(FLIGHT_READINGS_MAX).fill(Number.NaN);
    const column = { metric, instance, values, lastReading: this.#readings };
    this.#columns.set(key, column);
    return column;
  }

  #forgetGone(): void {
    for (const [key, column] of this.#columns) {
      if (this.#readings - column.lastReading > FLIGHT_READINGS_MAX) this.#columns.delete(key);
    }
  }
}

/** Collects with each reading. `collect` remembers by itself what it needs for differences. */
export function collectingRecorder(collect: (off: readonly string[]) => readonly Sample[]): Recorder {
  const recorder = new FlightRecorder();
  return {
    read: (atMs, off) => recorder.record(atMs, collect(off)),
    recording: async () => recorder.recording(),
    shiftTimes: (deltaMs) => recorder.shiftTimes(deltaMs),
  };
}
