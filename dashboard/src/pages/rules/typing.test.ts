import { expect, test } from 'vitest';
import { en, zh } from '../../i18n/testing.ts';
import { parseNumber } from './controls.tsx';
import { BLANK, draftOf } from './draft.ts';
import { inputScale, keyStep, roundTyped } from './inputScale.ts';
import { keyValue } from './LevelHandles.tsx';
import { ruleDiff } from './ruleDiff.ts';
import type { Speech } from './ruleWords.ts';

test.each([
  ['85', 85],
  [' 8.5 ', 8.5],
  ['8,5', 8.5],
  ['-3', -3],
  ['', null],
  ['8.', null],
  ['1e3', null],
  ['12 GiB', null],
])('[DB142] "%s" is read as %s', (text, value) => {
  expect(parseNumber(text)).toBe(value);
});

test.each([
  ['cpu.utilisation', 85, 85, '%'],
  ['filesystem.available', 10 * 2 ** 30, 10, 'GiB'],
  ['disk.read', 2 ** 20, 1, 'MiB/s'],
  ['network.received', 12_500_000, 100, 'Mbit/s'],
  ['disk.await', 0.02, 20, 'ms'],
  ['system.uptime', 7_200, 2, 'h'],
  ['load.1m', 4, 4, ''],
])('[DB142] a level of %s is typed in its own unit', (metric, stored, typed, unit) => {
  const scale = inputScale(metric);
  expect(scale.unit).toBe(unit);
  expect(stored * scale.factor).toBeCloseTo(typed, 9);
  expect(roundTyped(stored, scale)).toBeCloseTo(stored, 9);
});

test('[DB145] keys move by round steps and stay on the axis', () => {
  expect(keyStep(100, inputScale('cpu.utilisation'))).toBe(1);
  expect(keyStep(40 * 2 ** 30, inputScale('filesystem.used')) / 2 ** 30).toBeCloseTo(0.5, 9);
  const axis = { step: 1, min: 0, max: 100 };
  const press = (key: string, shiftKey = false) => keyValue({ key, shiftKey }, 50, axis);
  expect([press('ArrowUp'), press('ArrowDown'), press('ArrowUp', true)]).toEqual([51, 49, 60]);
  expect([press('PageDown'), press('Home'), press('End'), press('a')]).toEqual([40, 0, 100, null]);
});

const speech = (language: 'en' | 'zh'): Speech => ({
  language,
  t: (key, values = {}) => {
    let node: unknown = language === 'en' ? en : zh;
    for (const part of key.split('.')) node = (node as Record<string, unknown>)[part];
    return String(node).replace(/\{\{(\w+)[^}]*\}\}/g, (_, name: string) => String(values[name]));
  },
});

test('[DB147] what differs between two versions is said in words, in both languages', () => {
  const before = {
    name: 'Disk',
    enabled: true,
    selector: { class: ['Server'], tag: null, ciId: null, instance: null },
    condition: {
      type: 'threshold' as const,
      metric: 'filesystem.utilisation',
      op: 'above' as const,
      levels: [{ severity: 'warning' as const, level: 85, clear: 82 }],
      forMs: 300_000,
      keepForMs: 0,
      floor: null,
    },
    owner: null,
    agreedOn: null,
    explanation: { en: 'a', zh: 'b' },
  };
  const after = {
    ...before,
    enabled: false,
    owner: 'IT',
    selector: { ...before.selector, ciId: 'ci_1' },
    condition: {
      ...before.condition,
      forMs: 0,
      levels: [
        { severity: 'warning' as const, level: 80, clear: 82 },
        { severity: 'critical' as const, level: 95, clear: 90 },
      ],
    },
    explanation: { en: 'c', zh: 'b' },
  };
  expect(ruleDiff(before, after, () => 'SRV-1', speech('en'))).toEqual([
    'State: On → Off',
    'Applies to: Servers → SRV-1',
    'Owner: – → IT',
    'Warning level: 85 % → 80 %',
    'Critical level: – → 95 %',
    'Critical clear level: – → 90 %',
    'Hold: 5 min → at once',
    'Meaning reworded',
  ]);
  expect(ruleDiff(before, after, () => 'SRV-1', speech('zh')).slice(0, 2)).toEqual([
    '状态：已启用 → 已停用',
    '适用范围：服务器 → SRV-1',
  ]);
  expect(ruleDiff(before, before, () => '', speech('en'))).toEqual([]);
  expect(draftOf(before)).toMatchObject({
    ...BLANK,
    name: 'Disk',
    en: 'a',
    zh: 'b',
    classes: ['Server'],
    metric: 'filesystem.utilisation',
    keepForMs: 0,
    warning: { level: 85, clear: 82 },
    change: { ...BLANK.change, atLeast: 20 },
  });
});
