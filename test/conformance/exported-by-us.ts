/** What our parsers read from a host, under the names and units that Prometheus' node_exporter gives the same figures. */
import { realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type DiskCounters, diskCounters, diskRows } from '@muster/agent/collectors/disk/diskstats.ts';
import { parseLoadAverage } from '@muster/agent/collectors/load/load.ts';
import { parseMeminfo, vmstatCount } from '@muster/agent/collectors/memory/memory.ts';
import { parseNetDev } from '@muster/agent/collectors/network/network.ts';
import { parsePressure } from '@muster/agent/collectors/pressure/pressure.ts';
import {
  type CpuTimes,
  parseCpuStat,
  procStatFigure,
  TICKS_PER_SECOND,
} from '@muster/agent/collectors/proc-stat.ts';
import { processIds } from '@muster/agent/collectors/process-count/process-count.ts';
import {
  hwmonSensors,
  readCelsius,
  type Sensor,
  thermalSensors,
} from '@muster/agent/collectors/temperature/sensors.ts';
import { parseProcessStat } from '@muster/agent/collectors/top-processes/process-files.ts';
import type { Host } from '@muster/agent/host.ts';
import { seriesKey } from './exposition.ts';

/** Series that we read, as regular expressions over the other's names: what matches must be found by us. */
export const READ_BY_US = [
  /^node_cpu_(guest_)?seconds_total\{/,
  /^node_load(1|5|15)$/,
  /^node_pressure_(cpu|io|memory)_(waiting|stalled)_seconds_total$/,
  /^node_memory_(?!numa_)\w+$/,
  /^node_vmstat_(pswpin|pswpout|oom_kill)$/,
  /^node_disk_(read|written)_bytes_total\{/,
  /^node_disk_(reads|writes|discards)_(completed|merged)_total\{/,
  /^node_disk_discarded_sectors_total\{/,
  /^node_disk_(read|write|discard|io)_time_seconds_total\{/,
  /^node_disk_(io_now|io_time_weighted_seconds_total)\{/,
  /^node_network_(receive|transmit)_(bytes|packets|errs|drop)_total\{/,
  /^node_procs_(running|blocked)$/,
  /^node_(context_switches_total|boot_time_seconds)$/,
  /^node_processes_(pids|threads)$/,
  /^node_processes_state\{/,
  /^node_hwmon_temp_celsius\{/,
  /^node_thermal_zone_temp\{/,
];

type Put = (name: string, labels: Record<string, string>, value: number) => void;

/** `sysFolder` is where the host's /sys really lies, to resolve its links. */
export function exportedByUs(host: Host, sysFolder: string): Map<string, number> {
  const samples = new Map<string, number>();
  const put: Put = (name, labels, value) => void samples.set(seriesKey(`node_${name}`, labels), value);
  putProcStat(host, put);
  putLoad(host, put);
  putPressure(host, put);
  putMemory(host, put);
  for (const row of diskRows(host.readText('/proc/diskstats') ?? '')) {
    const disk = diskCounters(row);
    if (disk !== null) putDisk(disk, put);
  }
  putNetwork(host, put);
  putProcesses(host, put);
  putTemperatures(host, sysFolder, put);
  return samples;
}

function putProcStat(host: Host, put: Put): void {
  const text = host.readText('/proc/stat') ?? '';
  const modes = [
    'user',
    'nice',
    'system',
    'idle',
    'iowait',
    'irq',
    'softirq',
    'steal',
  ] as const satisfies (keyof CpuTimes)[];
  for (const [core, times] of parseCpuStat(text).cores) {
    const labels = { cpu: `${core}` };
    for (const mode of modes) put('cpu_seconds_total', { ...labels, mode }, times[mode] / TICKS_PER_SECOND);
    put('cpu_guest_seconds_total', { ...labels, mode: 'user' }, times.guest / TICKS_PER_SECOND);
    put('cpu_guest_seconds_total', { ...labels, mode: 'nice' }, times.guestNice / TICKS_PER_SECOND);
  }
  put('procs_running', {}, procStatFigure(text, 'procs_running') ?? Number.NaN);
  put('procs_blocked', {}, procStatFigure(text, 'procs_blocked') ?? Number.NaN);
  put('context_switches_total', {}, procStatFigure(text, 'ctxt') ?? Number.NaN);
  put('boot_time_seconds', {}, procStatFigure(text, 'btime') ?? Number.NaN);
}

function putLoad(host: Host, put: Put): void {
  const averages = parseLoadAverage(host.readText('/proc/loadavg') ?? '');
  put('load1', {}, averages.oneMinute);
  put('load5', {}, averages.fiveMinutes);
  put('load15', {}, averages.fifteenMinutes);
}

function putPressure(host: Host, put: Put): void {
  for (const resource of ['cpu', 'io', 'memory']) {
    const text = host.readText(`/proc/pressure/${resource}`);
    if (text === null) continue;
    const { someMicros, fullMicros } = parsePressure(text);
    if (someMicros !== null) put(`pressure_${resource}_waiting_seconds_total`, {}, someMicros / 1e6);
    if (fullMicros !== null && resource !== 'cpu')
      put(`pressure_${resource}_stalled_seconds_total`, {}, fullMicros / 1e6);
  }
}

function putMemory(host: Host, put: Put): void {
  const meminfo = host.readText('/proc/meminfo') ?? '';
  const sizes = [...meminfo.matchAll(/^(\S+):.* kB$/gm)].map(([, name = '']) => name);
  for (const [, name = '', count] of meminfo.matchAll(/^(HugePages_\w+): +(\d+)$/gm))
    put(`memory_${name}`, {}, Number(count));
  for (const [name, value] of parseMeminfo(meminfo, sizes)) {
    const plain = name.replace(/\((.*)\)/, '_$1');
    put(`memory_${plain}_bytes`, {}, value);
  }
  const vmstat = host.readText('/proc/vmstat') ?? '';
  for (const name of ['pswpin', 'pswpout', 'oom_kill']) {
    const count = vmstatCount(vmstat, name);
    if (count !== null) put(`vmstat_${name}`, {}, count);
  }
}

function putDisk(disk: DiskCounters, put: Put): void {
  const labels = { device: disk.device };
  put('disk_reads_completed_total', labels, disk.reads);
  put('disk_reads_merged_total', labels, disk.readsMerged);
  put('disk_read_bytes_total', labels, disk.readBytes);
  put('disk_read_time_seconds_total', labels, disk.readMs / 1_000);
  put('disk_writes_completed_total', labels, disk.writes);
  put('disk_writes_merged_total', labels, disk.writesMerged);
  put('disk_written_bytes_total', labels, disk.writtenBytes);
  put('disk_write_time_seconds_total', labels, disk.writeMs / 1_000);
  put('disk_io_now', labels, disk.inFlight);
  put('disk_io_time_seconds_total', labels, disk.busyMs / 1_000);
  put('disk_io_time_weighted_seconds_total', labels, disk.weightedMs / 1_000);
  if (disk.discards === null) return;
  put('disk_discards_completed_total', labels, disk.discards.completed);
  put('disk_discards_merged_total', labels, disk.discards.merged);
  put('disk_discarded_sectors_total', labels, disk.discards.sectors);
  put('disk_discard_time_seconds_total', labels, disk.discards.ms / 1_000);
}

function putNetwork(host: Host, put: Put): void {
  for (const one of parseNetDev(host.readText('/proc/net/dev') ?? '')) {
    const labels = { device: one.interface };
    put('network_receive_bytes_total', labels, one.receivedBytes);
    put('network_receive_packets_total', labels, one.receivedPackets);
    put('network_receive_errs_total', labels, one.receivedErrors);
    put('network_receive_drop_total', labels, one.receivedDrops);
    put('network_transmit_bytes_total', labels, one.transmittedBytes);
    put('network_transmit_packets_total', labels, one.transmittedPackets);
    put('network_transmit_errs_total', labels, one.transmittedErrors);
    put('network_transmit_drop_total', labels, one.transmittedDrops);
  }
}

function putProcesses(host: Host, put: Put): void {
  const stats = processIds(host).flatMap(
    (pid) => parseProcessStat(host.readText(`/proc/${pid}/stat`) ?? '') ?? [],
  );
  put('processes_pids', {}, stats.length);
  put(
    'processes_threads',
    {},
    stats.reduce((sum, stat) => sum + stat.threads, 0),
  );
  for (const state of new Set(stats.map((stat) => stat.state))) {
    put('processes_state', { state }, stats.filter((stat) => stat.state === state).length);
  }
}

function putTemperatures(host: Host, sysFolder: string, put: Put): void {
  const sensors = hwmonSensors(host);
  const chips = chipNames(sensors, sysFolder);
  for (const sensor of sensors) {
    const celsius = readCelsius(host, sensor);
    if (celsius !== null)
      put('hwmon_temp_celsius', { chip: chips.get(sensor.chip) ?? '', sensor: sensor.channel }, celsius);
  }
  for (const sensor of thermalSensors(host)) {
    const celsius = readCelsius(host, sensor);
    const zone = sensor.chip.replace('thermal_zone', '');
    if (celsius !== null) put('thermal_zone_temp', { type: sensor.driver, zone }, celsius);
  }
}

/** The other's names of chips: bus and device, with the driver behind it where a device has several; else the driver; else the folder. */
function chipNames(sensors: readonly Sensor[], sysFolder: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const { chip, driver, device } of sensors) {
    names.set(chip, device === '' ? driver || chip : deviceName(`${sysFolder}/class/hwmon/${chip}/device`));
  }
  for (const { chip, driver } of sensors) {
    const name = names.get(chip) ?? chip;
    const isShared = [...names].some(([other, its]) => other !== chip && its.startsWith(name));
    if (isShared) names.set(chip, `${name}_${driver}`);
  }
  return names;
}

function deviceName(link: string): string {
  const path = realpathSync(link);
  return `${basename(dirname(path))}_${basename(path)}`.replace(/\W/g, '_').toLowerCase();
}
