/**
 * Mappings that come with the server. Only what is truly the same figure: where an exporter counts seconds and we hold a share of the
 * time, or we hold a difference of two of its figures, there is no line.
 */
import type { LabelCondition, MappingFields, MappingLine } from '@muster/shared/api/remote-write.ts';
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';

type Lines = readonly (readonly [from: string, to: MetricName])[];

function lines(pairs: Lines, rest: Partial<MappingLine> = {}): MappingLine[] {
  return pairs.map(([from, to]) => ({ factor: 1, instanceLabel: null, where: [], ...rest, from, to }));
}

function noneOf(label: string, values: readonly string[]): LabelCondition {
  return { label, is: 'none-of', values: [...values] };
}

/** Parts, layers and empty slots, which our agent leaves out too (agent/src/collectors/disk). */
const NO_DISKS = noneOf('device', [
  'loop*',
  'ram*',
  'zram*',
  'dm-*',
  'zd*',
  'drbd*',
  'bcache*',
  'sr*',
  'fd*',
]);
/** Ends of virtual cables and the like (agent/src/collectors/network). */
const NO_INTERFACES = noneOf('device', [
  'lo',
  'veth*',
  'cali*',
  'lxc*',
  'tap*',
  'vnet*',
  'fwbr*',
  'fwpr*',
  'fwln*',
  'ifb*',
  'dummy*',
  'kube-ipvs*',
]);
/** Not on a disk of the machine (agent/src/collectors/filesystem). */
const NO_FILE_SYSTEMS = noneOf('fstype', [
  'tmpfs',
  'ramfs',
  'rootfs',
  'overlay',
  'squashfs',
  'iso9660',
  'nfs*',
  'cifs',
  'smb*',
  'fuse*',
  '9p',
  'autofs',
  'nsfs',
  'efivarfs',
]);

const NODE_EXPORTER: MappingFields = {
  name: 'node_exporter',
  enabled: true,
  machine: { label: 'instance', by: ['name', 'address'], stripPort: true },
  where: [],
  lines: [
    ...lines([
      ['node_load1', 'load.1m'],
      ['node_load5', 'load.5m'],
      ['node_load15', 'load.15m'],
      ['node_memory_MemTotal_bytes', 'memory.total'],
      ['node_memory_MemAvailable_bytes', 'memory.available'],
      ['node_memory_Buffers_bytes', 'memory.buffers'],
      ['node_memory_SwapTotal_bytes', 'swap.total'],
      ['node_vmstat_oom_kill', 'memory.oomkills'],
      ['node_context_switches_total', 'system.contextswitches'],
      ['node_procs_running', 'system.processes.running'],
      ['node_procs_blocked', 'system.processes.blocked'],
      ['node_processes_pids', 'system.processes'],
    ]),
    ...lines(
      [
        ['node_disk_read_bytes_total', 'disk.read'],
        ['node_disk_written_bytes_total', 'disk.written'],
        ['node_disk_reads_completed_total', 'disk.reads'],
        ['node_disk_writes_completed_total', 'disk.writes'],
      ],
      { instanceLabel: 'device', where: [NO_DISKS] },
    ),
    ...lines(
      [
        ['node_network_receive_bytes_total', 'network.received'],
        ['node_network_transmit_bytes_total', 'network.transmitted'],
        ['node_network_receive_packets_total', 'network.received.packets'],
        ['node_network_transmit_packets_total', 'network.transmitted.packets'],
        ['node_network_receive_errs_total', 'network.received.errors'],
        ['node_network_transmit_errs_total', 'network.transmitted.errors'],
        ['node_network_receive_drop_total', 'network.received.drops'],
        ['node_network_transmit_drop_total', 'network.transmitted.drops'],
        ['node_network_carrier_changes_total', 'network.link.changes'],
      ],
      { instanceLabel: 'device', where: [NO_INTERFACES] },
    ),
    ...lines(
      [
        ['node_filesystem_size_bytes', 'filesystem.total'],
        ['node_filesystem_avail_bytes', 'filesystem.available'],
        ['node_filesystem_files', 'filesystem.inodes.total'],
      ],
      { instanceLabel: 'mountpoint', where: [NO_FILE_SYSTEMS] },
    ),
  ],
};

/** Names of its documentation (docs/collector.{net,logical_disk,memory,cs,system}.md), old and new ones. */
const WINDOWS_EXPORTER: MappingFields = {
  name: 'windows_exporter',
  enabled: true,
  machine: { label: 'instance', by: ['name', 'address'], stripPort: true },
  where: [],
  lines: [
    ...lines([
      ['windows_cs_physical_memory_bytes', 'memory.total'],
      ['windows_memory_physical_total_bytes', 'memory.total'],
      ['windows_memory_available_bytes', 'memory.available'],
      ['windows_system_context_switches_total', 'system.contextswitches'],
    ]),
    ...lines(
      [
        ['windows_net_bytes_received_total', 'network.received'],
        ['windows_net_bytes_sent_total', 'network.transmitted'],
        ['windows_net_packets_received_total', 'network.received.packets'],
        ['windows_net_packets_sent_total', 'network.transmitted.packets'],
        ['windows_net_packets_received_errors_total', 'network.received.errors'],
        ['windows_net_packets_outbound_errors_total', 'network.transmitted.errors'],
        ['windows_net_packets_received_discarded_total', 'network.received.drops'],
        ['windows_net_packets_outbound_discarded_total', 'network.transmitted.drops'],
      ],
      { instanceLabel: 'nic' },
    ),
    ...lines(
      [
        ['windows_logical_disk_size_bytes', 'filesystem.total'],
        ['windows_logical_disk_free_bytes', 'filesystem.available'],
      ],
      { instanceLabel: 'volume', where: [noneOf('volume', ['HarddiskVolume*', '_Total'])] },
    ),
  ],
};

/** By id; one that is changed by a person keeps its id. */
export const SHIPPED_MAPPINGS: ReadonlyMap<string, MappingFields> = new Map([
  ['node-exporter', NODE_EXPORTER],
  ['windows-exporter', WINDOWS_EXPORTER],
]);
