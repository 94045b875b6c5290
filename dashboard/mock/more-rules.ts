/** More of the mock's rules: every kind of condition, packs and rules of the house, so that the list is as long as in life. */
import type { Words } from '@muster/shared/api/incidents.ts';
import type { Condition, Rule } from '@muster/shared/api/rules.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, toIso, type Millis } from '@muster/shared/time.ts';

const GIB = 2 ** 30;
const DAY_S = DAY_MS / SECOND_MS;

interface Line {
  readonly id: string;
  readonly name: Words;
  readonly condition: Condition;
  readonly meaning: Words;
  readonly more?: Partial<Rule>;
}

type Threshold = Extract<Condition, { type: 'threshold' }>;

function above(
  metric: string,
  levels: readonly [number, number][],
  more: Partial<Threshold> = {},
): Condition {
  const severities = ['warning', 'critical'] as const;
  return {
    type: 'threshold',
    metric,
    op: 'above',
    levels: levels.map(([level, clear], index) => ({
      severity: severities[index] ?? 'critical',
      level,
      clear,
    })),
    forMs: 3 * MINUTE_MS,
    keepForMs: 2 * MINUTE_MS,
    floor: null,
    ...more,
  };
}

const counted = (metric: string, level: number, overMs: Millis): Condition =>
  above(metric, [[level, level / 2]], { forMs: 0, keepForMs: 0, window: { fn: 'increase', overMs } });

const LOOK: Words = {
  en: 'Look at what changed on the machine before it began, and undo it or give the machine what it needs.',
  zh: '请查看开始前该计算机上的变更，撤销变更或补足资源。',
};

const SERVER_LINES: readonly Line[] = [
  {
    id: 'inodes',
    name: { en: 'Inodes short', zh: 'inode 不足' },
    condition: above('filesystem.inodes.utilisation', [
      [90, 85],
      [97, 92],
    ]),
    meaning: {
      en: 'The file system can hold hardly any more files. Find the folder with very many small files and clear it.',
      zh: '文件系统可容纳的文件数即将用尽。请查找含有大量小文件的目录并清理。',
    },
  },
  {
    id: 'memory-pressure',
    name: { en: 'Programs wait for memory', zh: '程序等待内存' },
    condition: above('pressure.memory.some', [
      [20, 10],
      [50, 20],
    ]),
    meaning: LOOK,
  },
  {
    id: 'io-pressure',
    name: { en: 'Programs wait for disks', zh: '程序等待磁盘' },
    condition: above('pressure.io.some', [[60, 40]], { forMs: 4 * HOUR_MS }),
    meaning: LOOK,
  },
  {
    id: 'disk-fast',
    name: { en: 'Disk fills within hours', zh: '磁盘将在数小时内写满' },
    condition: {
      type: 'forecast',
      metric: 'filesystem.utilisation',
      op: 'above',
      level: 97,
      overMs: 2 * HOUR_MS,
      levels: [
        { severity: 'warning', withinMs: 6 * HOUR_MS, clearWithinMs: 12 * HOUR_MS },
        { severity: 'critical', withinMs: HOUR_MS, clearWithinMs: 3 * HOUR_MS },
      ],
      forMs: 10 * MINUTE_MS,
      keepForMs: HOUR_MS,
      floor: { metric: 'filesystem.utilisation', op: 'above', level: 60 },
    },
    meaning: {
      en: 'Something writes without end. Find what grows (logs, dumps, a copy that runs) before the volume is full.',
      zh: '有程序在持续写入。请在写满前找出增长的内容（日志、转储、正在进行的复制）。',
    },
  },
  {
    id: 'disk-slow',
    name: { en: 'Disk fills within days', zh: '磁盘将在数天内写满' },
    condition: {
      type: 'forecast',
      metric: 'filesystem.utilisation',
      op: 'above',
      level: 97,
      overMs: 7 * DAY_MS,
      levels: [{ severity: 'warning', withinMs: 7 * DAY_MS, clearWithinMs: 14 * DAY_MS }],
      forMs: 6 * HOUR_MS,
      keepForMs: DAY_MS,
      floor: { metric: 'filesystem.utilisation', op: 'above', level: 70 },
    },
    meaning: LOOK,
  },
  {
    id: 'memory-leak',
    name: { en: 'Memory grows without end', zh: '内存持续增长' },
    condition: {
      type: 'forecast',
      metric: 'memory.available',
      op: 'below',
      level: GIB / 2,
      overMs: 2 * DAY_MS,
      levels: [{ severity: 'warning', withinMs: 2 * DAY_MS, clearWithinMs: 4 * DAY_MS }],
      forMs: 3 * HOUR_MS,
      keepForMs: 6 * HOUR_MS,
      floor: null,
    },
    meaning: LOOK,
  },
  {
    id: 'oom',
    name: { en: 'Process killed, out of memory', zh: '进程因内存不足被终止' },
    condition: counted('memory.oomkills', 1, 30 * MINUTE_MS),
    meaning: LOOK,
  },
  {
    id: 'disk-errors',
    name: { en: 'Disk fails', zh: '磁盘出错' },
    condition: counted('disk.errors', 1, 12 * HOUR_MS),
    meaning: {
      en: 'The disk could not read or write. Save what is on it and have it replaced.',
      zh: '磁盘读写出错。请先保存数据，再更换磁盘。',
    },
  },
  {
    id: 'service',
    name: { en: 'Service stopped', zh: '服务已停止' },
    condition: {
      ...(above('service.running', []) as Threshold),
      op: 'below',
      levels: [{ severity: 'critical', level: 0.5, clear: 1 }],
      window: { fn: 'n-of-m', n: 3, m: 4 },
      forMs: 0,
    },
    meaning: LOOK,
  },
  {
    id: 'crash-loop',
    name: { en: 'Starts again and again', zh: '反复重启' },
    condition: {
      ...(above('system.uptime', []) as Threshold),
      levels: [{ severity: 'critical', level: 3, clear: 2 }],
      window: { fn: 'resets', overMs: 2 * HOUR_MS },
      forMs: 0,
      keepForMs: 0,
    },
    meaning: LOOK,
  },
  {
    id: 'link-saturated',
    name: { en: 'Network link full', zh: '网络链路饱和' },
    condition: above('network.utilisation', [[90, 80]], {
      window: { fn: 'p95', overMs: 30 * MINUTE_MS },
      forMs: 0,
    }),
    meaning: LOOK,
  },
  {
    id: 'temperature',
    name: { en: 'Too hot', zh: '温度过高' },
    condition: above('temperature', [
      [85, 80],
      [95, 88],
    ]),
    meaning: LOOK,
  },
  {
    id: 'certificate',
    name: { en: 'Certificate expires', zh: '证书即将到期' },
    condition: {
      ...(above('certificate.remaining', []) as Threshold),
      op: 'below',
      levels: [
        { severity: 'warning', level: 30 * DAY_S, clear: 31 * DAY_S },
        { severity: 'critical', level: 7 * DAY_S, clear: 8 * DAY_S },
      ],
      forMs: 0,
      keepForMs: 0,
    },
    meaning: LOOK,
  },
];

const WORKSTATION_LINES: readonly Line[] = [
  {
    id: 'w-disk-space',
    name: { en: 'Disk space short (workstation)', zh: '磁盘空间不足（工作站）' },
    condition: above(
      'filesystem.utilisation',
      [
        [92, 88],
        [98, 94],
      ],
      { floor: { metric: 'filesystem.available', op: 'below', level: 8 * GIB } },
    ),
    meaning: LOOK,
  },
  {
    id: 'w-memory',
    name: { en: 'Memory short (workstation)', zh: '内存不足（工作站）' },
    condition: above('memory.utilisation', [[96, 90]], { forMs: 15 * MINUTE_MS }),
    meaning: LOOK,
    more: { enabled: false },
  },
  {
    id: 'w-disk-errors',
    name: { en: 'Disk fails (workstation)', zh: '磁盘出错（工作站）' },
    condition: counted('disk.errors', 1, 12 * HOUR_MS),
    meaning: LOOK,
  },
  {
    id: 'w-silent',
    name: { en: 'Workstation silent in its hours', zh: '工作站在使用时段内失联' },
    condition: { type: 'silent', severity: 'warning', forMs: 30 * MINUTE_MS },
    meaning: LOOK,
  },
];

const NETWORK_LINES: readonly Line[] = [
  {
    id: 'n-link-flapping',
    name: { en: 'Port unsteady', zh: '端口不稳定' },
    condition: counted('network.link.changes', 8, 15 * MINUTE_MS),
    meaning: {
      en: 'The port goes up and down again and again. Look at cable, transceiver and the device at the other end.',
      zh: '端口反复通断。请检查网线、光模块和对端设备。',
    },
  },
  {
    id: 'n-silent',
    name: { en: 'Network device silent', zh: '网络设备失联' },
    condition: { type: 'silent', severity: 'critical' },
    meaning: LOOK,
  },
];

const OWN_LINES: readonly Line[] = [
  {
    id: 'own-usual',
    name: { en: 'ERP busier than usual', zh: 'ERP 负载异常' },
    condition: {
      type: 'baseline',
      metric: 'cpu.utilisation',
      direction: 'above',
      levels: [
        { severity: 'warning', deviations: 4, clear: 2 },
        { severity: 'critical', deviations: 8, clear: 4 },
      ],
      minimum: 50,
      weeks: 4,
      overMs: 15 * MINUTE_MS,
      forMs: 15 * MINUTE_MS,
      keepForMs: 15 * MINUTE_MS,
    },
    meaning: LOOK,
    more: { owner: '张伟', agreedOn: '2026-10-12' },
  },
  {
    id: 'own-strange',
    name: { en: 'Database waits strangely', zh: '数据库等待异常' },
    condition: {
      type: 'anomaly',
      metric: 'disk.await',
      score: 0.9,
      clear: 0.6,
      severity: 'warning',
      forMs: 10 * MINUTE_MS,
      keepForMs: 15 * MINUTE_MS,
    },
    meaning: LOOK,
    more: {
      selector: { class: ['Server'], tag: 'database', ciId: null, instance: null },
      owner: '李娜',
      agreedOn: null,
    },
  },
  {
    id: 'own-absent',
    name: { en: 'Backup volume gone', zh: '备份卷消失' },
    condition: {
      type: 'absence',
      metric: 'filesystem.utilisation',
      severity: 'critical',
      forMs: 15 * MINUTE_MS,
      scope: 'instance',
    },
    meaning: LOOK,
    more: { selector: { class: ['Server'], tag: null, ciId: null, instance: '/backup*' }, owner: '李娜' },
  },
  {
    id: 'own-change',
    name: { en: 'Link of the plant goes down', zh: '厂区链路断开' },
    condition: {
      type: 'change',
      metric: 'network.link.up',
      direction: 'down',
      atLeast: 1,
      overMs: MINUTE_MS,
      keepForMs: 30 * MINUTE_MS,
      severity: 'critical',
    },
    meaning: LOOK,
    more: {
      selector: {
        class: ['NetworkDevice'],
        tag: null,
        ciId: null,
        location: 'ci_location_sz',
        instance: null,
      },
    },
  },
  {
    id: 'own-both',
    name: { en: 'ERP starved of CPU and disk', zh: 'ERP 缺少 CPU 和磁盘资源' },
    condition: {
      type: 'composite',
      op: 'and',
      rules: ['rul_cpu', 'rul_io-pressure'],
      severity: 'critical',
      forMs: 5 * MINUTE_MS,
    },
    meaning: LOOK,
    more: { owner: '张伟', agreedOn: '2026-10-12' },
  },
];

const GROUPS = [
  ['server', SERVER_LINES, ['Server', 'VirtualMachine'], 'IT operations'],
  ['workstation', WORKSTATION_LINES, ['Workstation'], 'Service desk'],
  ['network', NETWORK_LINES, ['NetworkDevice'], null],
  [null, OWN_LINES, ['Server', 'VirtualMachine'], null],
] as const;

/** `erpId`: the machine that has rules of its own. */
export function moreRules(nowMs: Millis, erpId: string | null): Rule[] {
  const rules = GROUPS.flatMap(([pack, lines, classes, owner]) =>
    lines.map(
      ({ id, name, condition, meaning, more }, index): Rule => ({
        id: `rul_${id}`,
        name: name.en,
        nameWords: name,
        enabled: true,
        selector: { class: [...classes], tag: null, ciId: null, instance: null },
        condition,
        owner: index % 3 === 2 ? null : owner,
        agreedOn: owner === null || index % 3 === 2 ? null : '2026-09-01',
        explanation: meaning,
        pack: pack === null ? null : `${pack}/${id}`,
        createdAt: toIso(nowMs - 200 * DAY_MS),
        updatedAt: toIso(nowMs - 20 * DAY_MS),
        ...more,
      }),
    ),
  );
  const [first] = rules;
  if (erpId === null || first === undefined) return rules;
  const exception: Rule = {
    ...first,
    id: 'rul_erp-cpu',
    name: 'CPU busy, SRV-ERP01',
    nameWords: { en: 'CPU busy, SRV-ERP01', zh: 'CPU 繁忙（SRV-ERP01）' },
    selector: { class: null, tag: null, ciId: erpId, instance: null },
    condition: above('cpu.utilisation', [
      [95, 85],
      [99, 95],
    ]),
    owner: '张伟',
    agreedOn: '2026-10-12',
    pack: null,
  };
  return [...rules, exception];
}
