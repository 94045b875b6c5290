import { expect, test } from 'vitest';
import type { Rule } from '@muster/shared/api/rules.ts';
import { en, zh } from '../../i18n/testing.ts';
import { levelWords, type Speech, subjectWords } from './ruleWords.ts';

const speech = (language: 'en' | 'zh'): Speech => ({
  language,
  t: (key, values = {}) => {
    let node: unknown = language === 'en' ? en : zh;
    for (const part of key.split('.')) node = (node as Record<string, unknown>)[part];
    return String(node).replace(/\{\{(\w+)[^}]*\}\}/g, (_, name: string) => String(values[name]));
  },
});

type Threshold = Extract<Rule['condition'], { type: 'threshold' }>;
const condition: Threshold = {
  type: 'threshold',
  metric: 'filesystem.utilisation',
  op: 'above',
  levels: [{ severity: 'warning', level: 90, clear: 85 }],
  forMs: 60_000,
  keepForMs: 0,
  floor: { metric: 'filesystem.available', op: 'below', level: 10 * 2 ** 30 },
};
const rule = (selector: Partial<Rule['selector']>): Rule => ({
  id: 'rul_1',
  name: 'Disk space short',
  enabled: true,
  selector: { class: null, tag: null, ciId: null, instance: null, ...selector },
  condition,
  owner: null,
  agreedOn: null,
  explanation: { en: '', zh: '' },
  pack: null,
  createdAt: '2026-11-20T00:00:00.000Z',
  updatedAt: '2026-11-20T00:00:00.000Z',
});
const level = { severity: 'warning', level: 90, clear: 85 } as const;

test.each([
  [{}, 'All machines', '所有计算机'],
  [{ class: ['Server', 'VirtualMachine'] }, 'Servers and virtual machines', '服务器和虚拟机'],
  [{ class: ['Workstation'], tag: 'kiosk' }, 'Workstations with the tag “kiosk”', '工作站（标签“kiosk”）'],
  [{ ciId: 'ci_1' }, 'SRV-ERP01', 'SRV-ERP01'],
])('[DB53] whom a rule is about, in words: %o', (selector, english, chinese) => {
  const words = (language: 'en' | 'zh') => subjectWords(rule(selector), () => 'SRV-ERP01', speech(language));
  expect([words('en'), words('zh')]).toEqual([english, chinese]);
});

test('[DB53] a level says what must hold, what else must, and when it clears', () => {
  expect(levelWords(rule({}), condition, level, speech('en'))).toEqual([
    'File system in use: 90 % or more for 1 min.',
    'Only while file system available is below 10 GiB.',
    'Clear below 85 %.',
  ]);
  expect(levelWords(rule({}), condition, level, speech('zh'))).toEqual([
    '文件系统使用率达到或超过 90%，持续 1 分钟。',
    '附加条件：文件系统可用低于 10 GiB。',
    '低于 85% 时恢复。',
  ]);
});

test('[DB53] the floor of a level wins over the floor of the condition, and an instance is named', () => {
  const [begins, floor] = levelWords(
    rule({ instance: '/var*' }),
    { ...condition, forMs: 0 },
    { ...level, floor: 5 * 2 ** 30 },
    speech('en'),
  );
  expect(begins).toBe('File system in use of /var*: 90 % or more.');
  expect(floor).toBe('Only while file system available is below 5 GiB.');
});
