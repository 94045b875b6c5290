import { expect, test } from 'vitest';
import type { Condition, Rule } from '@muster/shared/api/rules.ts';
import { HOUR_MS, MINUTE_MS } from '@muster/shared/time.ts';
import { en, zh } from '../../i18n/testing.ts';
import { ruleLines, ruleSentences, ruleSummary, type Speech, subjectWords } from './ruleWords.ts';

const speech = (language: 'en' | 'zh'): Speech => ({
  language,
  t: (key, values = {}) => {
    let node: unknown = language === 'en' ? en : zh;
    for (const part of key.split('.')) node = (node as Record<string, unknown>)[part];
    return String(node).replace(/\{\{(\w+)[^}]*\}\}/g, (_, name: string) => String(values[name]));
  },
});

const GIB = 2 ** 30;
type Threshold = Extract<Condition, { type: 'threshold' }>;
const disk: Threshold = {
  type: 'threshold',
  metric: 'filesystem.utilisation',
  op: 'above',
  levels: [{ severity: 'warning', level: 90, clear: 85 }],
  forMs: MINUTE_MS,
  keepForMs: 0,
  floor: { metric: 'filesystem.available', op: 'below', level: 10 * GIB },
};
const about = (selector: Partial<Rule['selector']>) => ({
  selector: { class: null, tag: null, ciId: null, instance: null, ...selector },
});
const NAMES: Readonly<Record<string, string>> = {
  ci_1: 'SRV-ERP01',
  ci_hq: 'HQ',
  ci_erp: 'ERP',
  a: 'CPU',
  b: 'I/O',
};
const nameOf = (id: string) => NAMES[id] ?? id;

test.each([
  [{}, 'All machines', '所有计算机'],
  [{ class: ['Server', 'VirtualMachine'] }, 'Servers and virtual machines', '服务器和虚拟机'],
  [{ class: ['Workstation'], tag: 'kiosk' }, 'Workstations with the tag “kiosk”', '工作站（标签“kiosk”）'],
  [
    { location: 'ci_hq', service: 'ci_erp' },
    'All machines in HQ behind the service ERP',
    '所有计算机（位于 HQ，支撑服务“ERP”）',
  ],
  [{ ciId: 'ci_1' }, 'SRV-ERP01', 'SRV-ERP01'],
])('[DB53] whom a rule is about, in words: %o', (selector, english, chinese) => {
  const words = (language: 'en' | 'zh') => subjectWords(about(selector), nameOf, speech(language));
  expect([words('en'), words('zh')]).toEqual([english, chinese]);
});

const of = (condition: Condition, selector: Partial<Rule['selector']> = {}) => ({
  ...about(selector),
  condition,
});

test.each<[string, Condition, string, string]>([
  [
    'levels',
    disk,
    'Warns when file system in use is 90 % or more for 1 min, while file system available is below 10 GiB; ends below 85 %.',
    '文件系统使用率达到或超过 90% 并持续 1 分钟，且文件系统可用低于 10 GiB 时，触发“警告”级告警；低于 85% 时恢复。',
  ],
  [
    'levels from below',
    {
      ...disk,
      metric: 'memory.available',
      op: 'below',
      levels: [{ severity: 'critical', level: GIB, clear: 2 * GIB }],
      forMs: 0,
      keepForMs: 2 * MINUTE_MS,
      floor: null,
    },
    'Critical when memory available is below 1 GiB; ends after 2 min at 2 GiB or more.',
    '内存可用低于 1 GiB 时，触发“严重”级告警；达到 2 GiB 并持续 2 分钟后恢复。',
  ],
  [
    'an average',
    {
      ...disk,
      metric: 'cpu.utilisation',
      floor: null,
      forMs: 0,
      window: { fn: 'avg', overMs: 10 * MINUTE_MS },
    },
    'Warns when the average of CPU in use over 10 min is 90 % or more; ends below 85 %.',
    'CPU 使用率的 10 分钟平均值达到或超过 90% 时，触发“警告”级告警；低于 85% 时恢复。',
  ],
  [
    'some of the last samples',
    { ...disk, metric: 'cpu.utilisation', floor: null, forMs: 0, window: { fn: 'n-of-m', n: 3, m: 5 } },
    'Warns when CPU in use is 90 % or more in 3 of the last 5 samples; ends below 85 %.',
    'CPU 使用率在最近 5 次采样中有 3 次达到或超过 90% 时，触发“警告”级告警；低于 85% 时恢复。',
  ],
])('[DB53] a rule is one sentence in both languages: %s', (_what, condition, english, chinese) => {
  expect(ruleSummary(of(condition), nameOf, speech('en'))).toEqual([english]);
  expect(ruleSummary(of(condition), nameOf, speech('zh'))).toEqual([chinese]);
});

const times = { forMs: 10 * MINUTE_MS, keepForMs: 15 * MINUTE_MS };

test.each<[Condition, string, string]>([
  [
    { type: 'silent', severity: 'critical', forMs: MINUTE_MS },
    'Critical when the machine is expected and not heard for 1 min; ends as soon as it is heard.',
    '计算机应在线而失联并持续 1 分钟时，触发“严重”级告警；重新收到数据时恢复。',
  ],
  [
    {
      type: 'absence',
      metric: 'filesystem.utilisation',
      severity: 'warning',
      forMs: 15 * MINUTE_MS,
      scope: 'instance',
    },
    'Warns when one instance of file system in use has not been reported for 15 min while the machine itself is heard; ends when it is reported again.',
    '计算机在线，但文件系统使用率的某个实例已有 15 分钟没有上报时，触发“警告”级告警；重新上报时恢复。',
  ],
  [
    {
      type: 'change',
      metric: 'memory.utilisation',
      direction: 'down',
      atLeast: 20,
      overMs: MINUTE_MS,
      keepForMs: HOUR_MS,
      severity: 'warning',
    },
    'Warns when memory in use falls by 20 % or more within 1 min; ends after 1 h without another change.',
    '内存使用率在 1 分钟内下降不少于 20% 时，触发“警告”级告警；1 小时内不再变化后恢复。',
  ],
  [
    {
      type: 'forecast',
      metric: 'filesystem.utilisation',
      op: 'above',
      level: 97,
      overMs: 12 * HOUR_MS,
      levels: [{ severity: 'warning', withinMs: 6 * HOUR_MS, clearWithinMs: 12 * HOUR_MS }],
      ...times,
      floor: null,
    },
    'Warns when file system in use will reach 97 % within 6 h, if it goes on as in the last 12 h, and that forecast has stood for 10 min; ends after 15 min with more than 12 h left.',
    '按最近 12 小时的趋势，文件系统使用率将在 6 小时内升至 97%，且该预测已持续 10 分钟时，触发“警告”级告警；预计剩余时间超过 12 小时并持续 15 分钟后恢复。',
  ],
  [
    {
      type: 'baseline',
      metric: 'cpu.utilisation',
      direction: 'above',
      levels: [{ severity: 'warning', deviations: 4, clear: 2 }],
      minimum: 50,
      weeks: 4,
      overMs: 15 * MINUTE_MS,
      ...times,
    },
    'Warns when the average of CPU in use over 15 min is 4 deviations above what is usual at this hour of the week, and 50 % or more for 10 min; ends after 15 min below 2 deviations.',
    'CPU 使用率的 15 分钟平均值比每周同一时段的常态高出 4 倍偏差，且达到或超过 50% 并持续 10 分钟时，触发“警告”级告警；偏离小于 2 倍偏差并持续 15 分钟后恢复。',
  ],
  [
    { type: 'anomaly', metric: 'disk.await', score: 0.9, clear: 0.6, severity: 'warning', ...times },
    'Warns when disk wait per request behaves unlike its own past, with a score of 0.9 or more for 10 min; ends after 15 min below a score of 0.6.',
    '磁盘请求平均等待的表现异于以往，异常评分达到 0.9 并持续 10 分钟时，触发“警告”级告警；异常评分低于 0.6 并持续 15 分钟后恢复。',
  ],
  [
    { type: 'composite', op: 'and', rules: ['a', 'b'], severity: 'critical', forMs: 0 },
    'Critical when “CPU” and “I/O” have alerts on the same machine; ends when that is no longer so.',
    '“CPU”和“I/O”在同一台计算机上同时告警时，触发“严重”级告警；条件不再成立时恢复。',
  ],
  [
    { type: 'composite', op: 'or', rules: ['a', 'b'], severity: 'critical', forMs: 0 },
    'Critical when “CPU” or “I/O” has an alert on the machine; ends when that is no longer so.',
    '计算机上“CPU”或“I/O”告警时，触发“严重”级告警；条件不再成立时恢复。',
  ],
])('[DB53] each kind of condition is one sentence in both languages: %o', (condition, english, chinese) => {
  expect(ruleSummary(of(condition), nameOf, speech('en'))).toEqual([english]);
  expect(ruleSummary(of(condition), nameOf, speech('zh'))).toEqual([chinese]);
});

test('[DB53] the floor of a level wins over the floor of the condition, and an instance is named', () => {
  const level = { severity: 'warning', level: 90, clear: 85, floor: 5 * GIB } as const;
  expect(
    ruleSentences(of({ ...disk, forMs: 0, levels: [level] }, { instance: '/var*' }), nameOf, speech('en')),
  ).toEqual([
    'File system in use of /var* is 90 % or more, while file system available is below 5 GiB.',
    'Ends below 85 %.',
  ]);
});

test('[DB53] of a second severity only what differs needs to be said', () => {
  const levels: Threshold['levels'] = [
    { severity: 'warning', level: 90, clear: 85 },
    { severity: 'critical', level: 97, clear: 92 },
  ];
  const lines = ruleLines(of({ ...disk, levels }), nameOf, speech('en'));
  expect(lines.map(({ severity, again, end }) => [severity, again, end])).toEqual([
    ['warning', '90 % or more', 'ends below 85 %'],
    ['critical', '97 % or more', 'ends below 92 %'],
  ]);
});
