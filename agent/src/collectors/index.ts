/** The registry of collectors, and one reading of all of them. */
import { isMetricName, metricDefinition, type Sample } from '@muster/shared/metrics/catalogue.ts';
import { INSTANCE_BYTES_MAX } from '@muster/shared/wire/limits.ts';
import type { Host } from '../host.ts';
import { NATIVE_COLLECTORS } from '../native/collectors/index.ts';
import { agentSelf } from './agent-self/agent-self.ts';
import { register, type RegisteredCollector } from './collector.ts';
import { cpu } from './cpu/cpu.ts';
import { disk } from './disk/disk.ts';
import { filesystem } from './filesystem/filesystem.ts';
import { load } from './load/load.ts';
import { memory } from './memory/memory.ts';
import { network } from './network/network.ts';
import { pressure } from './pressure/pressure.ts';
import { processCount } from './process-count/process-count.ts';
import { processes } from './processes/processes.ts';
import { services } from './services/services.ts';
import { temperature } from './temperature/temperature.ts';
import { uptime } from './uptime/uptime.ts';

/** Those of Linux. */
export const COLLECTORS: readonly RegisteredCollector[] = [
  register(cpu, 'flight'),
  register(load, 'flight'),
  register(pressure, 'flight'),
  register(memory, 'flight'),
  register(disk, 'flight'),
  register(network, 'flight'),
  register(processes, 'flight'),
  register(processCount),
  register(filesystem),
  register(uptime),
  register(temperature),
  register(services),
  register(agentSelf),
];

/** What each collector remembers, by its name. One for the regular ticks, another for the flight recorder. */
export type CollectorStates = Map<string, unknown>;

/** A collector that failed this time; the others went on. */
export interface CollectorError {
  readonly collector: string;
  readonly detail: string;
}

export interface Collection {
  readonly samples: readonly Sample[];
  readonly errors: readonly CollectorError[];
}

/** `all` for the regular and the live ticks; `flight` for the recorder's series alone. */
export type CollectionScope = 'all' | 'flight';

/**
 * Reads everything once. `states` is kept by the caller from call to call and changed here; `off` names
 * collectors that are switched off. A collector that throws gives an error and starts afresh next time.
 * Values are rounded to the catalogue's decimals; a series appears at most once.
 */
export function collectAll(
  host: Host,
  states: CollectorStates,
  off: readonly string[],
  scope: CollectionScope = 'all',
  collectors: readonly RegisteredCollector[] = host.system === null ? COLLECTORS : NATIVE_COLLECTORS,
): Collection {
  const reading = readingOnce(host);
  const samples: Sample[] = [];
  const errors: CollectorError[] = [];
  const seen = new Set<string>();
  for (const collector of collectors) {
    const { name } = collector;
    if (
      off.includes(name) ||
      !collector.platforms.includes(host.platform) ||
      (scope === 'flight' && !collector.flight)
    ) {
      states.delete(name);
      continue;
    }
    try {
      const result = collector.collect(reading, states.get(name) ?? null);
      states.set(name, result.state);
      for (const sample of result.samples) {
        if (scope === 'flight' && metricDefinition(sample.metric).flight !== true) continue;
        const fault = faultOf(sample, seen);
        if (fault === null) samples.push(rounded(sample));
        else errors.push({ collector: name, detail: fault });
      }
    } catch (error) {
      states.delete(name);
      errors.push({ collector: name, detail: error instanceof Error ? error.message : String(error) });
    }
  }
  return { samples, errors };
}

/** /proc/stat is read by three collectors and is costly for the kernel to write: each path is read once per tick. */
function readingOnce(host: Host): Host {
  const texts = new Map<string, string | null>();
  return {
    ...host,
    readText: (path) => {
      const known = texts.get(path);
      if (known !== undefined) return known;
      const text = host.readText(path);
      texts.set(path, text);
      return text;
    },
  };
}

/** Why a sample cannot be sent; null when it can. Remembers its series in `seen`. */
function faultOf(sample: Sample, seen: Set<string>): string | null {
  const { metric, instance, value } = sample;
  if (!isMetricName(metric)) return `metric ${JSON.stringify(metric)} is not in the catalogue`;
  const series = instance === '' ? metric : `${metric} ${instance}`;
  if (!Number.isFinite(value)) return `${series}: value ${value} is not finite`;
  if ((metricDefinition(metric).instance === 'none') !== (instance === ''))
    return `${series}: instance does not fit the metric`;
  if (
    instance.length * 3 > INSTANCE_BYTES_MAX &&
    new TextEncoder().encode(instance).length > INSTANCE_BYTES_MAX
  ) {
    return `${series.slice(0, INSTANCE_BYTES_MAX)}…: instance is longer than ${INSTANCE_BYTES_MAX} bytes`;
  }
  if (seen.has(series)) return `${series}: appears twice`;
  seen.add(series);
  return null;
}

function rounded(sample: Sample): Sample {
  const { metric, instance, value } = sample;
  const factor = 10 ** metricDefinition(metric).decimals;
  // "+ 0" turns -0 into 0.
  return { metric, instance, value: Math.round(value * factor) / factor + 0 };
}
