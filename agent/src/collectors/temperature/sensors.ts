/** The temperature sensors under /sys: which there are, what they are called, how to read them. */
import type { Host } from '../../host.ts';

export interface Sensor {
  /** File with the reading in thousandths of a degree Celsius. */
  readonly path: string;
  /** hwmon folder (`hwmon0`) or thermal zone (`thermal_zone0`); its number may differ after each boot. */
  readonly chip: string;
  /** What the driver calls the chip: `coretemp`, `nvme`, `acpitz` …; '' if it does not say. */
  readonly driver: string;
  /** Last part of the device's path: `coretemp.0`, `nvme0`, `0000:00:18.3` …; '' if there is none. Stays the same over boots. */
  readonly device: string;
  /** `temp1`, `temp2` …; '' of a thermal zone, which has only one. */
  readonly channel: string;
  /** The maker's or driver's name of the channel: `Core 0`, `Composite` …; '' if there is none. */
  readonly label: string;
}

const HWMON = '/sys/class/hwmon';
const THERMAL = '/sys/class/thermal';

/** Linux Documentation/hwmon/sysfs-interface.rst: every `temp*_input` of every chip that has one. */
export function hwmonSensors(host: Host): Sensor[] {
  return host.list(HWMON).flatMap((chip) => chipSensors(host, chip));
}

/** Older drivers keep their files in the device's folder beneath the chip's. */
function chipSensors(host: Host, chip: string): Sensor[] {
  const own = `${HWMON}/${chip}`;
  for (const folder of [own, `${own}/device`]) {
    const channels = host.list(folder).flatMap((file) => /^(temp\d+)_input$/.exec(file)?.[1] ?? []);
    if (channels.length === 0) continue;
    const driver = word(host, `${folder}/name`);
    const device = lastPart(host.readLink(`${own}/device`) ?? '');
    return channels.sort(byNumber).map((channel) => ({
      path: `${folder}/${channel}_input`,
      chip,
      driver,
      device,
      channel,
      label: word(host, `${folder}/${channel}_label`),
    }));
  }
  return [];
}

/** Linux Documentation/driver-api/thermal/sysfs-api.rst: one reading per zone, named by its type. */
export function thermalSensors(host: Host): Sensor[] {
  const zones = host.list(THERMAL).filter((name) => name.startsWith('thermal_zone'));
  return zones.sort(byNumber).map((zone) => ({
    path: `${THERMAL}/${zone}/temp`,
    chip: zone,
    driver: word(host, `${THERMAL}/${zone}/type`),
    device: '',
    channel: '',
    label: '',
  }));
}

/** Below absolute zero, or hotter than a sensor can be: what chips say of a socket that nothing is plugged in. */
const CELSIUS_MIN = -100;
const CELSIUS_MAX = 250;

/** Degrees Celsius; null when the sensor does not answer or what it says is no temperature. */
export function readCelsius(host: Host, sensor: Sensor): number | null {
  const text = host.readText(sensor.path)?.trim();
  if (!text || !/^-?\d+$/.test(text)) return null;
  const celsius = Number(text) / 1_000;
  return celsius >= CELSIUS_MIN && celsius <= CELSIUS_MAX ? celsius : null;
}

/**
 * A name for each sensor, unique on the machine, that stays over boots: `coretemp.0 Core 1`,
 * `k10temp 0000:00:18.3 Tctl`, `acpitz`. The changing chip number comes in only where nothing else differs.
 */
export function sensorNames(sensors: readonly Sensor[]): Map<Sensor, string> {
  const names = new Map<Sensor, string>();
  const tries = [plainName, (sensor: Sensor) => `${plainName(sensor)} (${sensor.channel || sensor.chip})`];
  let open = [...sensors];
  for (const nameOf of tries) {
    const counts = countBy(open.map(nameOf));
    for (const sensor of open) if (counts.get(nameOf(sensor)) === 1) names.set(sensor, nameOf(sensor));
    open = open.filter((sensor) => !names.has(sensor));
  }
  for (const sensor of open) names.set(sensor, `${plainName(sensor)} (${chipName(sensor)})`);
  return names;
}

function plainName(sensor: Sensor): string {
  if (sensor.channel === '') return sensor.driver || sensor.chip;
  const device = sensor.device || sensor.chip;
  const chip =
    sensor.driver === '' || sensor.device.startsWith(sensor.driver)
      ? device
      : `${sensor.driver} ${sensor.device}`;
  return `${chip.trim()} ${sensor.label || sensor.channel}`;
}

function chipName(sensor: Sensor): string {
  return `${sensor.chip} ${sensor.channel}`.trim();
}

function countBy(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function word(host: Host, path: string): string {
  return host.readText(path)?.trim() ?? '';
}

function lastPart(path: string): string {
  return path.replace(/\/+$/, '').split('/').at(-1) ?? '';
}

function byNumber(one: string, other: string): number {
  return Number(/\d+/.exec(one)?.[0]) - Number(/\d+/.exec(other)?.[0]);
}
