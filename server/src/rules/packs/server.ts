/** Rules for servers and virtual machines. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import type { Pack } from './pack.ts';

export const GIB_BYTES = 1_073_741_824;
export const MIB_BYTES = 1_048_576;
export const DAY_SECONDS = DAY_MS / SECOND_MS;

/** Busy is what a CPU is for; trouble is that somebody waits for it. Half of the time: more than a few jobs side by side. */
export const CPU_IS_WAITED_FOR = {
  metric: 'pressure.cpu.some',
  op: 'above',
  level: 50,
  absent: 'holds',
} as const;

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
        floor: CPU_IS_WAITED_FOR,
      },
      explanation: {
        en: 'Nearly all CPU time is in use and programs wait for their turn, so answers come late. Look at the top processes at the breach: one that runs away is stopped or restarted; a load that is real needs fewer jobs at this hour or more CPUs. A build or batch that uses every CPU while hardly anybody waits does not raise this; where waiting is not measured (outside Linux), the share in use alone decides.',
        zh: '几乎全部 CPU 时间都在使用，且程序需要排队等待，响应变慢。请查看越限时占用最高的进程：若某个进程失控，将其停止或重启；若负载属实，应错开任务时间或增加 CPU。编译或批处理占满 CPU 但几乎无人等待时不会触发；在不测量等待情况的系统（非 Linux）上，仅按使用率判断。',
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
        floor: { metric: 'pressure.memory.some', op: 'above', level: 10 },
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
        forMs: 4 * HOUR_MS,
        keepForMs: 5 * MINUTE_MS,
        floor: null,
      },
      explanation: {
        en: 'For four hours without a pause some program stood still most of the time, waiting for a disk: longer than a backup of the night takes. Look at disk wait and at who reads and writes: a backup that does not end, a RAID that is rebuilt, or a volume that is too slow for its load.',
        zh: '已连续四小时，大部分时间都有程序因等待磁盘而停顿，超过了夜间备份通常所需的时间。请查看磁盘等待时间以及读写来源：可能是备份未能结束、RAID 正在重建，或卷的性能不足以承担负载。',
      },
    },
    {
      key: 'disk-fast',
      name: { en: 'Disk fills within hours', zh: '磁盘将在数小时内写满' },
      condition: {
        type: 'forecast',
        metric: 'filesystem.available',
        op: 'below',
        level: 2 * GIB_BYTES,
        overMs: HOUR_MS,
        levels: [
          { severity: 'warning', withinMs: 4 * HOUR_MS, clearWithinMs: 8 * HOUR_MS },
          { severity: 'critical', withinMs: HOUR_MS, clearWithinMs: 3 * HOUR_MS },
        ],
        forMs: 5 * MINUTE_MS,
        keepForMs: 15 * MINUTE_MS,
        floor: { metric: 'filesystem.utilisation', op: 'above', level: 60 },
      },
      explanation: {
        en: 'The file system fills so fast that it is full within hours. Something writes without end: a log in a loop, a dump, a copy that went to the wrong place. Find what grew in the last hour and stop it before you clear space.',
        zh: '文件系统增长过快，数小时内将写满。通常是某个程序在不断写入：循环写日志、转储文件，或复制到了错误的位置。请先找出最近一小时内增长的内容并停止写入，再清理空间。',
      },
    },
    {
      key: 'disk-slow',
      name: { en: 'Disk fills within days', zh: '磁盘将在数天内写满' },
      condition: {
        type: 'forecast',
        metric: 'filesystem.available',
        op: 'below',
        level: 5 * GIB_BYTES,
        overMs: 7 * DAY_MS,
        levels: [{ severity: 'warning', withinMs: 4 * DAY_MS, clearWithinMs: 8 * DAY_MS }],
        forMs: HOUR_MS,
        keepForMs: HOUR_MS,
        floor: { metric: 'filesystem.utilisation', op: 'above', level: 80 },
      },
      explanation: {
        en: 'At the pace of the last week the file system is full within a few days. Nothing is broken yet: plan to clear old data, to shorten how long it is kept, or to extend the volume.',
        zh: '按最近一周的速度，文件系统将在几天内写满。目前尚无故障：请安排清理旧数据、缩短保留期限，或扩容该卷。',
      },
    },
    {
      key: 'memory-leak',
      name: { en: 'Memory grows without end', zh: '内存持续增长' },
      condition: {
        type: 'forecast',
        metric: 'memory.utilisation',
        op: 'above',
        level: 97,
        // More than a day: what swings with the day is no leak.
        overMs: 30 * HOUR_MS,
        levels: [{ severity: 'warning', withinMs: 6 * HOUR_MS, clearWithinMs: 24 * HOUR_MS }],
        forMs: 30 * MINUTE_MS,
        keepForMs: HOUR_MS,
        floor: { metric: 'memory.utilisation', op: 'above', level: 80 },
      },
      explanation: {
        en: 'Memory in use has grown steadily for more than a day and is used up within hours. Mostly one process leaks: compare the largest processes of now with those of yesterday, and restart that one at a time that suits.',
        zh: '内存占用已持续增长一天以上，并将在数小时内耗尽。通常是某个进程发生内存泄漏：请将当前占用最大的进程与昨天比较，并择机重启该进程。',
      },
    },
    {
      key: 'swap-storm',
      name: { en: 'Memory is swapped in and out', zh: '内存反复换入换出' },
      condition: {
        type: 'threshold',
        metric: 'swap.in',
        op: 'above',
        levels: [{ severity: 'critical', level: 8 * MIB_BYTES, clear: MIB_BYTES }],
        forMs: 2 * MINUTE_MS,
        keepForMs: 5 * MINUTE_MS,
        floor: { metric: 'swap.out', op: 'above', level: MIB_BYTES },
        window: { fn: 'rate', overMs: 3 * MINUTE_MS },
      },
      explanation: {
        en: 'What programs need is written to swap and read back at once: the machine does little else. End the process that asks for the memory, or the machine will hardly answer any more.',
        zh: '程序所需的内存刚被换出又立即换入，计算机几乎无法处理其他工作。请结束占用内存的进程，否则计算机将很快失去响应。',
      },
    },
    {
      key: 'oom',
      name: { en: 'Process killed, out of memory', zh: '进程因内存不足被终止' },
      condition: {
        type: 'threshold',
        metric: 'memory.oomkills',
        op: 'above',
        levels: [
          { severity: 'warning', level: 1, clear: 0.5 },
          { severity: 'critical', level: 5, clear: 0.5 },
        ],
        forMs: 0,
        keepForMs: 0,
        floor: null,
        window: { fn: 'increase', overMs: 30 * MINUTE_MS },
      },
      explanation: {
        en: 'The system ran out of memory and killed a process. The kernel log names it: see whether it came back, then find what took the memory.',
        zh: '系统内存耗尽并终止了进程。内核日志中有其名称：请确认该进程是否已恢复运行，再查找占用内存的程序。',
      },
    },
    {
      key: 'disk-errors',
      name: { en: 'Disk fails', zh: '磁盘出错' },
      condition: {
        type: 'threshold',
        metric: 'disk.errors',
        op: 'above',
        levels: [
          { severity: 'warning', level: 1, clear: 0.5 },
          { severity: 'critical', level: 20, clear: 0.5 },
        ],
        forMs: 0,
        keepForMs: 0,
        floor: null,
        window: { fn: 'increase', overMs: 12 * HOUR_MS },
      },
      explanation: {
        en: 'The disk could not fulfil requests in the last twelve hours. Few errors may be a cable; more each hour is a disk that dies. Make sure that the backup is good, then have it replaced.',
        zh: '最近十二小时内磁盘有请求失败。少量错误可能是线缆问题；若每小时递增，则磁盘即将损坏。请先确认备份可用，再安排更换。',
      },
    },
    {
      key: 'filesystem-errors',
      name: { en: 'File system damaged', zh: '文件系统出错' },
      condition: {
        type: 'threshold',
        metric: 'filesystem.errors',
        op: 'above',
        levels: [{ severity: 'critical', level: 1, clear: 0.5 }],
        forMs: 0,
        keepForMs: 0,
        floor: null,
        window: { fn: 'increase', overMs: 12 * HOUR_MS },
      },
      explanation: {
        en: 'The file system has found damage in itself. Often a failing disk is the cause. Check the backup, take the file system out of use and let it be checked.',
        zh: '文件系统检测到自身数据损坏，原因往往是磁盘故障。请确认备份，停止使用该文件系统并进行检查。',
      },
    },
    {
      key: 'service',
      name: { en: 'Service stopped', zh: '服务已停止' },
      condition: {
        type: 'threshold',
        metric: 'service.running',
        op: 'below',
        levels: [{ severity: 'critical', level: 0.5, clear: 1 }],
        forMs: 2 * MINUTE_MS,
        keepForMs: MINUTE_MS,
        floor: null,
      },
      explanation: {
        en: 'A service that starts with the machine does not run any more. Read its last lines in the journal, start it again, and see whether it stays. If it was stopped on purpose, switch it off for the next start too.',
        zh: '一项随系统启动的服务已不再运行。请查看其日志的最后几行，重新启动并确认能否保持运行；若为有意停止，请同时取消其开机启动。',
      },
    },
    {
      key: 'crash-loop',
      name: { en: 'Starts again and again', zh: '反复重启' },
      condition: {
        type: 'threshold',
        metric: 'system.uptime',
        op: 'above',
        levels: [{ severity: 'critical', level: 3, clear: 2 }],
        forMs: 0,
        keepForMs: 0,
        floor: null,
        window: { fn: 'resets', overMs: 2 * HOUR_MS },
      },
      explanation: {
        en: 'The machine has booted three times or more within two hours. Look at the last lines before each start: a kernel panic, a watchdog, the power supply, or an update that cannot finish.',
        zh: '该计算机在两小时内启动了三次或更多。请查看每次启动前的最后几行日志：可能是内核崩溃、看门狗、电源问题，或无法完成的更新。',
      },
    },
    {
      key: 'link-flapping',
      name: { en: 'Network link unsteady', zh: '网络链路不稳定' },
      condition: {
        type: 'threshold',
        metric: 'network.link.changes',
        op: 'above',
        levels: [{ severity: 'warning', level: 8, clear: 2 }],
        forMs: 0,
        keepForMs: 5 * MINUTE_MS,
        floor: null,
        window: { fn: 'increase', overMs: 15 * MINUTE_MS },
      },
      explanation: {
        en: 'The link goes and comes back again and again. A cable, a plug or a transceiver is the usual cause; try another cable, then another port.',
        zh: '链路反复断开随后又恢复连通。常见原因是网线、接头或光模块；请先更换网线，再更换端口。',
      },
    },
    {
      key: 'link-saturated',
      name: { en: 'Network link full', zh: '网络链路饱和' },
      condition: {
        type: 'threshold',
        metric: 'network.utilisation',
        op: 'above',
        levels: [{ severity: 'warning', level: 90, clear: 75 }],
        forMs: 10 * MINUTE_MS,
        keepForMs: 10 * MINUTE_MS,
        floor: null,
      },
      explanation: {
        en: 'The link has carried nearly all it can for ten minutes, so everything on it waits. See who sends and receives: a backup or copy at the wrong hour, or a link that is too slow for its load.',
        zh: '链路已连续十分钟接近满载，其上的所有通信都在排队。请查看收发来源：可能是备份或复制的时间不当，或链路带宽不足。',
      },
    },
    {
      key: 'temperature',
      name: { en: 'Too hot', zh: '温度过高' },
      condition: {
        type: 'threshold',
        metric: 'temperature',
        op: 'above',
        levels: [
          // Clear below what cooler nights take away: a drift is one alert, not one each day.
          { severity: 'warning', level: 80, clear: 70 },
          { severity: 'critical', level: 92, clear: 82 },
        ],
        forMs: 10 * MINUTE_MS,
        keepForMs: 30 * MINUTE_MS,
        floor: null,
      },
      explanation: {
        en: 'A sensor has been hot for ten minutes. If several machines of the room are, look at the cooling; if it is one, at its fans and dust, and at what keeps it busy.',
        zh: '传感器温度已持续偏高十分钟。若机房内多台设备同时偏高，请检查空调；若仅此一台，请检查风扇、积尘以及占用负载的程序。',
      },
    },
    {
      key: 'certificate',
      name: { en: 'Certificate expires', zh: '证书即将到期' },
      condition: {
        type: 'threshold',
        metric: 'certificate.remaining',
        op: 'below',
        levels: [
          { severity: 'warning', level: 30 * DAY_SECONDS, clear: 31 * DAY_SECONDS },
          { severity: 'critical', level: 7 * DAY_SECONDS, clear: 8 * DAY_SECONDS },
        ],
        forMs: HOUR_MS,
        keepForMs: 0,
        floor: null,
      },
      explanation: {
        en: 'The certificate that this server shows runs out soon; then browsers refuse and agents do not connect. Renew it, or see why the renewal that should have happened by itself has failed.',
        zh: '此服务器使用的证书即将到期；到期后浏览器将拒绝访问，代理程序也无法连接。请更新证书，或查明自动续期失败的原因。',
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
