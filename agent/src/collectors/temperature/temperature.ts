/** Temperatures of processors, boards and disks. */
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import type { Host } from '../../host.ts';
import type { Collector } from '../collector.ts';
import { instanceText } from '../instance.ts';
import { hwmonSensors, readCelsius, type Sensor, sensorNames, thermalSensors } from './sensors.ts';

interface NamedSensor {
  readonly sensor: Sensor;
  readonly instance: string;
  readonly readAtMs: number;
  readonly celsius: number | null;
}
interface TemperatureState {
  readonly searchedAtMs: number;
  readonly sensors: readonly NamedSensor[];
}

/** New sensors appear when a driver is loaded or a disk is plugged in. */
const SEARCH_MS = 300_000;
/** A temperature moves slowly, and some chips take milliseconds to answer: faster ticks repeat the last reading. */
const READ_MS = 10_000;
/** Asking a disk can keep it from spinning down (kernel documentation of drivetemp). */
const READ_DISK_MS = 300_000;

/** hwmon; the thermal zones only where there is no hwmon sensor, because they mirror each other. */
export const temperature: Collector<TemperatureState> = {
  name: 'temperature',
  platforms: ['linux'],
  collect(host, previous) {
    const atMs = host.monotonicMs();
    const known = previous !== null && atMs - previous.searchedAtMs < SEARCH_MS;
    const before = known ? previous : { searchedAtMs: atMs, sensors: search(host, previous?.sensors ?? []) };
    const sensors = before.sensors.map((one) => (isDue(one, atMs) ? reread(host, one, atMs) : one));
    const samples: Sample[] = [];
    for (const { instance, celsius } of sensors) {
      if (celsius !== null) samples.push({ metric: 'temperature', instance, value: celsius });
    }
    return { samples, state: { searchedAtMs: before.searchedAtMs, sensors } };
  },
};

/** Sensors that were there before keep their last reading. */
function search(host: Host, before: readonly NamedSensor[]): NamedSensor[] {
  const hwmon = hwmonSensors(host);
  const sensors = hwmon.length > 0 ? hwmon : thermalSensors(host);
  const names = sensorNames(sensors);
  return sensors.map((sensor) => {
    const instance = instanceText(names.get(sensor) ?? sensor.path);
    const same = before.find((one) => one.instance === instance && one.sensor.path === sensor.path);
    return same ?? { sensor, instance, readAtMs: Number.NEGATIVE_INFINITY, celsius: null };
  });
}

function isDue(one: NamedSensor, atMs: number): boolean {
  return atMs - one.readAtMs >= (one.sensor.driver === 'drivetemp' ? READ_DISK_MS : READ_MS);
}

function reread(host: Host, one: NamedSensor, atMs: number): NamedSensor {
  return { ...one, readAtMs: atMs, celsius: readCelsius(host, one.sensor) };
}
