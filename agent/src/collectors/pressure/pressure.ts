/** Pressure stall information: the share of time in which tasks waited for CPU, memory or I/O. */
import type { MetricName, Sample } from '@muster/shared/metrics/catalogue.ts';
import type { Collector } from '../collector.ts';
import { lineFrom, numberOf, percentOf } from '../fields.ts';

/** Total time of stalls since boot in microseconds; null where the kernel does not say. */
export interface Pressure {
  /** At least one task waited. */
  readonly someMicros: number | null;
  /** All tasks that were not idle waited. */
  readonly fullMicros: number | null;
}

type Resource = 'cpu' | 'memory' | 'io';
interface PressureState {
  readonly atMs: number;
  readonly pressures: ReadonlyMap<Resource, Pressure>;
}

/** CPU has no `full`: the kernel defines it as 0 for the whole machine. */
const REPORTED = [
  { metric: 'pressure.cpu.some', resource: 'cpu', kind: 'someMicros' },
  { metric: 'pressure.memory.some', resource: 'memory', kind: 'someMicros' },
  { metric: 'pressure.memory.full', resource: 'memory', kind: 'fullMicros' },
  { metric: 'pressure.io.some', resource: 'io', kind: 'someMicros' },
  { metric: 'pressure.io.full', resource: 'io', kind: 'fullMicros' },
] as const satisfies readonly { metric: MetricName; resource: Resource; kind: keyof Pressure }[];

const RESOURCES: readonly Resource[] = ['cpu', 'memory', 'io'];

/** Absent before Linux 4.20, without CONFIG_PSI and with psi=0: then there are no samples. */
export const pressure: Collector<PressureState> = {
  name: 'pressure',
  platforms: ['linux'],
  collect(host, previous) {
    const pressures = new Map<Resource, Pressure>();
    for (const resource of RESOURCES) {
      const text = host.readText(`/proc/pressure/${resource}`);
      if (text !== null) pressures.set(resource, parsePressure(text));
    }
    const state: PressureState = { atMs: host.monotonicMs(), pressures };
    return { samples: previous === null ? [] : pressureSamples(previous, state), state };
  },
};

/** Linux Documentation/accounting/psi.rst. */
export function parsePressure(text: string): Pressure {
  return { someMicros: totalOf(text, 'some '), fullMicros: totalOf(text, 'full ') };
}

const TOTAL = ' total=';

function totalOf(text: string, label: string): number | null {
  const before = text.startsWith(label) ? 0 : text.indexOf(`\n${label}`) + 1;
  if (before === 0 && !text.startsWith(label)) return null;
  const line = lineFrom(text, before);
  const [total] = line.slice(line.indexOf(TOTAL) + TOTAL.length).split(' ', 1);
  return numberOf(total, '/proc/pressure');
}

function pressureSamples(previous: PressureState, current: PressureState): Sample[] {
  const elapsedMicros = (current.atMs - previous.atMs) * 1_000;
  if (elapsedMicros <= 0) return [];
  const samples: Sample[] = [];
  for (const { metric, resource, kind } of REPORTED) {
    const before = previous.pressures.get(resource)?.[kind] ?? null;
    const now = current.pressures.get(resource)?.[kind] ?? null;
    if (before === null || now === null || now < before) continue;
    samples.push({ metric, instance: '', value: percentOf(now - before, elapsedMicros) });
  }
  return samples;
}
