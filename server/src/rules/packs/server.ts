/** Rules for servers and virtual machines. */
import { MINUTE_MS } from '@muster/shared/time.ts';
import type { Pack } from './pack.ts';

export const GIB_BYTES = 1_073_741_824;

export const serverPack: Pack = {
  id: 'server',
  classes: ['Server', 'VirtualMachine'],
  rules: [
    {
      key: 'cpu',
      name: { en: 'CPU busy', zh: 'CPU 繁忙' },
      condition: {
        type: 'threshold',
        metric: 'cpu.utilisation',
        op: 'above',
        levels: [{ severity: 'warning', level: 90, clear: 80 }],
        forMs: 3 * MINUTE_MS,
        keepForMs: MINUTE_MS,
        floor: null,
      },
      explanation: {
        en: 'Nearly all CPU time is in use, so work queues up and answers come late. Look at the top processes at the breach: one that runs away is stopped or restarted; a load that is real needs fewer jobs at this hour or more CPUs.',
        zh: '几乎全部 CPU 时间都在使用，任务开始排队，响应变慢。请查看越限时占用最高的进程：若某个进程失控，将其停止或重启；若负载属实，应错开任务时间或增加 CPU。',
      },
    },
    {
      key: 'memory',
      name: { en: 'Memory short', zh: '内存不足' },
      condition: {
        type: 'threshold',
        metric: 'memory.utilisation',
        op: 'above',
        levels: [
          { severity: 'warning', level: 90, clear: 85 },
          { severity: 'critical', level: 97, clear: 92 },
        ],
        forMs: 5 * MINUTE_MS,
        keepForMs: 2 * MINUTE_MS,
        floor: null,
      },
      explanation: {
        en: 'Little memory is left that programs can still get; when it is gone the system kills a process. Look for a process that grows and restart it, or give the machine more memory.',
        zh: '可供程序使用的内存所剩无几，耗尽后系统会强制终止进程。请查找持续增长的进程并将其重启，或为该计算机增加内存。',
      },
    },
    {
      key: 'disk-space',
      name: { en: 'Disk space short', zh: '磁盘空间不足' },
      condition: {
        type: 'threshold',
        metric: 'filesystem.utilisation',
        op: 'above',
        levels: [
          { severity: 'warning', level: 90, clear: 85, floor: 10 * GIB_BYTES },
          { severity: 'critical', level: 95, clear: 90, floor: 5 * GIB_BYTES },
        ],
        forMs: MINUTE_MS,
        keepForMs: MINUTE_MS,
        floor: { metric: 'filesystem.available', op: 'below', level: 10 * GIB_BYTES },
      },
      explanation: {
        en: 'The file system is nearly full, by share and in bytes; a full one stops databases, logs and often the sign-in. Remove old logs, dumps and packages, or extend the volume. A big volume with much room left does not raise this.',
        zh: '文件系统的使用率和剩余空间均已越限；写满后数据库、日志乃至登录都会受影响。请清理旧日志、转储文件和安装包，或扩容该卷。大容量卷在剩余空间充足时不会触发此规则。',
      },
    },
    {
      key: 'inodes',
      name: { en: 'Inodes short', zh: 'inode 不足' },
      condition: {
        type: 'threshold',
        metric: 'filesystem.inodes.utilisation',
        op: 'above',
        levels: [
          { severity: 'warning', level: 90, clear: 85 },
          { severity: 'critical', level: 97, clear: 92 },
        ],
        forMs: MINUTE_MS,
        keepForMs: MINUTE_MS,
        floor: null,
      },
      explanation: {
        en: 'The file system can hold hardly any more files, although it may have room in bytes. Find the folder with very many small files (mail queue, session files, caches) and clear it.',
        zh: '文件系统可容纳的文件数即将用尽，即使仍有剩余空间也无法新建文件。请查找含有大量小文件的目录（邮件队列、会话文件、缓存）并清理。',
      },
    },
    {
      key: 'swap',
      name: { en: 'Swapping under memory pressure', zh: '内存压力下频繁换页' },
      condition: {
        type: 'threshold',
        metric: 'swap.utilisation',
        op: 'above',
        levels: [{ severity: 'warning', level: 80, clear: 60 }],
        forMs: 5 * MINUTE_MS,
        keepForMs: 2 * MINUTE_MS,
        floor: { metric: 'pressure.memory.some', op: 'above', level: 5 },
      },
      explanation: {
        en: 'Swap is nearly used up while programs wait for memory; a full swap by itself, long unused, does not raise this. Find the process that needs the memory, or add some.',
        zh: '交换空间即将用尽，且程序正在等待内存；仅仅交换空间占用高而无人等待时不会触发此规则。请找出占用内存的进程，或增加内存。',
      },
    },
    {
      key: 'memory-pressure',
      name: { en: 'Programs wait for memory', zh: '程序等待内存' },
      condition: {
        type: 'threshold',
        metric: 'pressure.memory.some',
        op: 'above',
        levels: [
          { severity: 'warning', level: 20, clear: 10 },
          { severity: 'critical', level: 50, clear: 20 },
        ],
        forMs: 3 * MINUTE_MS,
        keepForMs: 2 * MINUTE_MS,
        floor: null,
      },
      explanation: {
        en: 'For this share of the time at least one program stood still because memory had to be freed or read back first. This is felt by users whatever the percentage in use says. Find what grew, or add memory.',
        zh: '在这一比例的时间内，至少有一个程序因等待内存回收或换入而停顿。无论内存使用率高低，用户都能感到卡顿。请找出占用增长的程序，或增加内存。',
      },
    },
    {
      key: 'io-pressure',
      name: { en: 'Programs wait for disks', zh: '程序等待磁盘' },
      condition: {
        type: 'threshold',
        metric: 'pressure.io.some',
        op: 'above',
        levels: [{ severity: 'warning', level: 60, clear: 40 }],
        forMs: 10 * MINUTE_MS,
        keepForMs: 5 * MINUTE_MS,
        floor: null,
      },
      explanation: {
        en: 'Most of the time some program stood still waiting for a disk. Look at disk wait and at who reads and writes: a backup at the wrong hour, a failing disk, or a volume that is too slow for its load.',
        zh: '大部分时间内都有程序因等待磁盘而停顿。请查看磁盘等待时间以及读写来源：可能是备份时间不当、磁盘即将故障，或卷的性能不足以承担负载。',
      },
    },
    {
      key: 'silent',
      name: { en: 'Machine silent', zh: '计算机失联' },
      condition: { type: 'silent', severity: 'critical' },
      explanation: {
        en: 'The machine is expected and nothing is heard of it. The cause named here says where to look first: the agent on a host that answers, the way to a host that does not, or the host itself. Whether its services still run is not known until then.',
        zh: '该计算机应在线，但没有收到任何上报。此处给出的原因指明首先应检查的位置：主机有应答时检查代理程序，无应答时检查到该主机的网络，或检查主机本身。在此之前无法得知其上的服务是否仍在运行。',
      },
    },
  ],
};
