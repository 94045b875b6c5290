/** Every metric that Muster collects, once: name, unit, kind, precision, instance, interval, rollup and words. */
import type { Millis } from '../time.ts';
import { INTERVAL_MS_DEFAULT } from '../wire/limits.ts';

/**
 * Unit of a stored value. SI base units; bytes are `B`; percentages run from 0 to 100. A counter is
 * shown as a rate, whose unit is the counter's with `/s` behind it (`rateUnit`).
 */
export type Unit = '%' | 'B' | 's' | '1' | '°C' | 'bit/s';
export type RateUnit = `${Unit}/s`;

/** What tells two series of one metric on one machine apart. `none`: there is only one. */
export type InstanceKind =
  | 'none'
  | 'core'
  | 'device'
  | 'mount'
  | 'interface'
  | 'sensor'
  | 'service'
  | 'check';

export interface MetricDefinition {
  readonly unit: Unit;
  /** gauge: the value itself counts. counter: only differences count; a fall is a reset. */
  readonly kind: 'gauge' | 'counter';
  /** Decimal digits the agent keeps; the wire carries value × 10^decimals as an integer. */
  readonly decimals: 0 | 1 | 2 | 3 | 6;
  readonly instance: InstanceKind;
  /** Part of the agent's flight recorder: kept at 1 to 2 s for ten minutes. */
  readonly flight?: true;
  readonly title: { readonly en: string; readonly zh: string };
}

const percent = { unit: '%', kind: 'gauge', decimals: 2 } as const;
const bytes = { unit: 'B', kind: 'gauge', decimals: 0 } as const;
const byteCounter = { unit: 'B', kind: 'counter', decimals: 0 } as const;
const counter = { unit: '1', kind: 'counter', decimals: 0 } as const;
const count = { unit: '1', kind: 'gauge', decimals: 0 } as const;
const load = { unit: '1', kind: 'gauge', decimals: 2, instance: 'none' } as const;
const flight = { flight: true } as const;

export const METRICS = {
  // Shares of all CPU time between two readings (proc(5), /proc/stat).
  'cpu.utilisation': {
    ...percent,
    ...flight,
    instance: 'none',
    title: { en: 'CPU in use', zh: 'CPU 使用率' },
  },
  'cpu.user': { ...percent, ...flight, instance: 'none', title: { en: 'CPU, user', zh: 'CPU 用户态' } },
  'cpu.system': { ...percent, ...flight, instance: 'none', title: { en: 'CPU, system', zh: 'CPU 内核态' } },
  'cpu.iowait': {
    ...percent,
    ...flight,
    instance: 'none',
    title: { en: 'CPU, waiting for I/O', zh: 'CPU 等待 I/O' },
  },
  'cpu.steal': {
    ...percent,
    ...flight,
    instance: 'none',
    title: { en: 'CPU, taken by the hypervisor', zh: 'CPU 被虚拟化层占用' },
  },
  'cpu.core.utilisation': {
    ...percent,
    instance: 'core',
    title: { en: 'CPU in use, per core', zh: '各核心 CPU 使用率' },
  },

  'load.1m': { ...load, ...flight, title: { en: 'Load, 1 min', zh: '1 分钟负载' } },
  'load.5m': { ...load, title: { en: 'Load, 5 min', zh: '5 分钟负载' } },
  'load.15m': { ...load, title: { en: 'Load, 15 min', zh: '15 分钟负载' } },

  // Share of time in which some or all tasks waited (Linux PSI, Documentation/accounting/psi.rst).
  'pressure.cpu.some': {
    ...percent,
    ...flight,
    instance: 'none',
    title: { en: 'CPU pressure, some tasks', zh: 'CPU 压力（部分任务）' },
  },
  'pressure.memory.some': {
    ...percent,
    ...flight,
    instance: 'none',
    title: { en: 'Memory pressure, some tasks', zh: '内存压力（部分任务）' },
  },
  'pressure.memory.full': {
    ...percent,
    instance: 'none',
    title: { en: 'Memory pressure, all tasks', zh: '内存压力（全部任务）' },
  },
  'pressure.io.some': {
    ...percent,
    ...flight,
    instance: 'none',
    title: { en: 'I/O pressure, some tasks', zh: 'I/O 压力（部分任务）' },
  },
  'pressure.io.full': {
    ...percent,
    instance: 'none',
    title: { en: 'I/O pressure, all tasks', zh: 'I/O 压力（全部任务）' },
  },

  // used = total − available (MemAvailable, the kernel's own estimate); cached: file pages and reclaimable slab
  // without shared memory.
  'memory.total': { ...bytes, instance: 'none', title: { en: 'Memory installed', zh: '内存总量' } },
  'memory.used': { ...bytes, ...flight, instance: 'none', title: { en: 'Memory in use', zh: '内存已用' } },
  'memory.available': { ...bytes, instance: 'none', title: { en: 'Memory available', zh: '内存可用' } },
  'memory.cached': { ...bytes, instance: 'none', title: { en: 'Memory, file cache', zh: '文件缓存' } },
  'memory.buffers': { ...bytes, instance: 'none', title: { en: 'Memory, buffers', zh: '缓冲区' } },
  'memory.utilisation': {
    ...percent,
    ...flight,
    instance: 'none',
    title: { en: 'Memory in use', zh: '内存使用率' },
  },
  // Processes the kernel killed for want of memory since boot (/proc/vmstat oom_kill).
  'memory.oomkills': {
    ...counter,
    instance: 'none',
    title: { en: 'Processes killed, out of memory', zh: '因内存不足终止的进程' },
  },
  'swap.total': { ...bytes, instance: 'none', title: { en: 'Swap space', zh: '交换空间总量' } },
  'swap.used': { ...bytes, instance: 'none', title: { en: 'Swap in use', zh: '交换空间已用' } },
  'swap.utilisation': { ...percent, instance: 'none', title: { en: 'Swap in use', zh: '交换空间使用率' } },
  'swap.in': { ...byteCounter, ...flight, instance: 'none', title: { en: 'Swapped in', zh: '换入' } },
  'swap.out': { ...byteCounter, ...flight, instance: 'none', title: { en: 'Swapped out', zh: '换出' } },

  // utilisation as df(1) prints it: used / (used + available to unprivileged users).
  'filesystem.total': { ...bytes, instance: 'mount', title: { en: 'File system size', zh: '文件系统容量' } },
  'filesystem.used': { ...bytes, instance: 'mount', title: { en: 'File system in use', zh: '文件系统已用' } },
  'filesystem.available': {
    ...bytes,
    instance: 'mount',
    title: { en: 'File system available', zh: '文件系统可用' },
  },
  'filesystem.utilisation': {
    ...percent,
    instance: 'mount',
    title: { en: 'File system in use', zh: '文件系统使用率' },
  },
  'filesystem.inodes.total': { ...count, instance: 'mount', title: { en: 'Inodes', zh: 'inode 总数' } },
  'filesystem.inodes.used': { ...count, instance: 'mount', title: { en: 'Inodes in use', zh: 'inode 已用' } },
  'filesystem.inodes.utilisation': {
    ...percent,
    instance: 'mount',
    title: { en: 'Inodes in use', zh: 'inode 使用率' },
  },
  // What the file system itself counted as broken (ext4 errors_count, btrfs device stats).
  'filesystem.errors': {
    ...counter,
    instance: 'mount',
    title: { en: 'File system errors', zh: '文件系统错误' },
  },

  // await: mean time of the requests finished in the interval; utilisation: share of time with one in flight.
  'disk.read': { ...byteCounter, ...flight, instance: 'device', title: { en: 'Disk read', zh: '磁盘读取' } },
  'disk.written': {
    ...byteCounter,
    ...flight,
    instance: 'device',
    title: { en: 'Disk written', zh: '磁盘写入' },
  },
  'disk.reads': { ...counter, instance: 'device', title: { en: 'Disk reads', zh: '磁盘读次数' } },
  'disk.writes': { ...counter, instance: 'device', title: { en: 'Disk writes', zh: '磁盘写次数' } },
  'disk.await': {
    unit: 's',
    kind: 'gauge',
    decimals: 6,
    ...flight,
    instance: 'device',
    title: { en: 'Disk wait per request', zh: '磁盘请求平均等待' },
  },
  'disk.utilisation': {
    ...percent,
    ...flight,
    instance: 'device',
    title: { en: 'Disk busy', zh: '磁盘繁忙率' },
  },
  // Requests that the device could not fulfil (SCSI ioerr_cnt, NVMe media errors).
  'disk.errors': {
    ...counter,
    instance: 'device',
    title: { en: 'Disk errors', zh: '磁盘错误' },
  },

  'network.received': {
    ...byteCounter,
    ...flight,
    instance: 'interface',
    title: { en: 'Network received', zh: '网络接收' },
  },
  'network.transmitted': {
    ...byteCounter,
    ...flight,
    instance: 'interface',
    title: { en: 'Network sent', zh: '网络发送' },
  },
  'network.received.packets': {
    ...counter,
    instance: 'interface',
    title: { en: 'Packets received', zh: '接收包数' },
  },
  'network.transmitted.packets': {
    ...counter,
    instance: 'interface',
    title: { en: 'Packets sent', zh: '发送包数' },
  },
  'network.received.errors': {
    ...counter,
    instance: 'interface',
    title: { en: 'Receive errors', zh: '接收错误' },
  },
  'network.transmitted.errors': {
    ...counter,
    instance: 'interface',
    title: { en: 'Send errors', zh: '发送错误' },
  },
  'network.received.drops': {
    ...counter,
    instance: 'interface',
    title: { en: 'Receive drops', zh: '接收丢包' },
  },
  'network.transmitted.drops': {
    ...counter,
    instance: 'interface',
    title: { en: 'Send drops', zh: '发送丢包' },
  },
  // 1: the link is up, 0: it is not, although the interface is switched on. changes: each loss and each return counts.
  'network.link.up': { ...count, instance: 'interface', title: { en: 'Link up', zh: '链路连通' } },
  'network.link.changes': {
    ...counter,
    instance: 'interface',
    title: { en: 'Link changes', zh: '链路状态变化' },
  },
  // The busier direction as a share of the link's speed; where the speed is not known there is no value.
  'network.utilisation': {
    ...percent,
    instance: 'interface',
    title: { en: 'Link in use', zh: '链路利用率' },
  },

  'system.uptime': {
    unit: 's',
    kind: 'gauge',
    decimals: 0,
    instance: 'none',
    title: { en: 'Time since boot', zh: '开机时长' },
  },
  'system.processes': { ...count, instance: 'none', title: { en: 'Processes', zh: '进程数' } },
  'system.processes.running': {
    ...count,
    ...flight,
    instance: 'none',
    title: { en: 'Processes running', zh: '运行中的进程' },
  },
  'system.processes.blocked': {
    ...count,
    ...flight,
    instance: 'none',
    title: { en: 'Processes waiting for I/O', zh: '等待 I/O 的进程' },
  },
  'system.contextswitches': {
    ...counter,
    instance: 'none',
    title: { en: 'Context switches', zh: '上下文切换' },
  },
  temperature: {
    unit: '°C',
    kind: 'gauge',
    decimals: 1,
    instance: 'sensor',
    title: { en: 'Temperature', zh: '温度' },
  },
  // 1: it runs, 0: it should run, and does not.
  'service.running': { ...count, instance: 'service', title: { en: 'Service running', zh: '服务运行状态' } },
  // Time until the certificate that this server shows expires; below 0 once it has.
  'certificate.remaining': {
    unit: 's',
    kind: 'gauge',
    decimals: 0,
    instance: 'none',
    title: { en: 'Certificate valid for', zh: '证书剩余有效期' },
  },

  // What the agent probes from where it stands; the last result is told with each tick. 1: as expected, 0: not.
  'check.success': { ...count, instance: 'check', title: { en: 'Check successful', zh: '检查成功' } },
  // Probes in a row that were not as expected: what a rule counts, whatever the interval of the check.
  'check.failures': { ...count, instance: 'check', title: { en: 'Failures in a row', zh: '连续失败次数' } },
  'check.duration': {
    unit: 's',
    kind: 'gauge',
    decimals: 6,
    instance: 'check',
    title: { en: 'Time of the check', zh: '检查耗时' },
  },
  'check.http.status': { ...count, instance: 'check', title: { en: 'HTTP status', zh: 'HTTP 状态码' } },
  // Time until the certificate that was shown ends; below 0 once it has.
  'check.certificate.remaining': {
    unit: 's',
    kind: 'gauge',
    decimals: 0,
    instance: 'check',
    title: { en: 'Certificate of a checked service valid for', zh: '所检查服务的证书剩余有效期' },
  },

  // The agent about itself.
  'agent.cpu': {
    unit: 's',
    kind: 'counter',
    decimals: 3,
    instance: 'none',
    title: { en: 'Agent CPU time', zh: '代理程序 CPU 时间' },
  },
  'agent.memory': {
    ...bytes,
    instance: 'none',
    title: { en: 'Agent memory (resident)', zh: '代理程序内存（常驻）' },
  },
  'agent.spool.used': {
    ...bytes,
    instance: 'none',
    title: { en: 'Agent spool in use', zh: '代理程序缓存已用' },
  },
  'agent.spool.dropped': {
    ...counter,
    instance: 'none',
    title: { en: 'Agent frames dropped', zh: '代理程序丢弃的帧' },
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;

export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

export function isMetricName(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name);
}

export function metricDefinition(name: MetricName): MetricDefinition {
  return METRICS[name];
}

/** Unit in which a reader meets the metric: a counter's rate per second, a gauge's own unit. */
export function shownUnit(name: MetricName): Unit | RateUnit {
  const { unit, kind } = METRICS[name];
  return kind === 'counter' ? `${unit}/s` : unit;
}

/** How often the metric is read while nobody watches: today all of them at the agent's interval. */
export function defaultIntervalMs(_name: MetricName): Millis {
  return INTERVAL_MS_DEFAULT;
}

/** What is kept of a metric beyond the raw samples, for each window of each coarser tier. */
export interface MetricRollup {
  /** value: the readings themselves. rate: what a counter grew by per second, without its resets. */
  readonly of: 'value' | 'rate';
  readonly keeps: readonly ('average' | 'minimum' | 'maximum' | 'last')[];
  /** How the values of an hour are spread: steps of percentage points, steps of a logarithm, or not counted. */
  readonly histogram: 'percent' | 'log' | null;
}

export function metricRollup(name: MetricName): MetricRollup {
  const { kind, unit } = METRICS[name];
  const isCounter = kind === 'counter';
  return {
    of: isCounter ? 'rate' : 'value',
    keeps: ['average', 'minimum', 'maximum', 'last'],
    histogram: isCounter ? 'log' : unit === '%' ? 'percent' : null,
  };
}

/** One reading as a collector returns it. `instance` is '' where the catalogue says `none`. */
export interface Sample {
  readonly metric: MetricName;
  readonly instance: string;
  readonly value: number;
}
