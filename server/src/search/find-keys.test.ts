import { expect, test } from 'vitest';
import { KeyIndex, questionOf, type SearchKey, searchKey } from './find-keys.ts';

function ask(items: Record<string, readonly SearchKey[]>, text: string, limit = 10) {
  const index = new KeyIndex<string>();
  for (const [id, keys] of Object.entries(items)) index.put(id, id, keys);
  return index.find(questionOf(text), limit);
}
const names = (...all: string[]) => Object.fromEntries(all.map((name) => [name, [searchKey('name', name)]]));
const found = (answer: ReturnType<typeof ask>) => answer.items.map(({ item }) => item);

test('[SE1] the same name comes before one that begins so, before a word in it, before any part of it', () => {
  expect(found(ask(names('x-erp', 'xerp', 'erp', 'erp-2'), 'ERP'))).toEqual([
    'erp',
    'erp-2',
    'x-erp',
    'xerp',
  ]);
});

test('[SE1] of equally good matches the better field is first, then the shorter value', () => {
  const items = {
    user: [searchKey('user', 'wang')],
    long: [searchKey('name', 'wang-0001')],
    short: [searchKey('name', 'wang-1')],
    serial: [searchKey('serial', 'WANG')],
  };
  expect(found(ask(items, 'wang'))).toEqual(['serial', 'user', 'short', 'long']);
});

test('[SE1] what matched is told with its whole value as it is held', () => {
  const answer = ask({ pc: [searchKey('name', 'pc'), searchKey('serial', 'PF3XK2')] }, 'f3x');
  expect(answer.items).toEqual([{ item: 'pc', match: { field: 'serial', value: 'PF3XK2' } }]);
});

test.each([
  '3c:52:82:1a:0b:9e',
  '3C-52-82-1A-0B-9E',
  '3c52.821a.0b9e',
  '3C52821A0B9E',
  '82:1a',
  '1A0B',
  '3c-5',
])('[SE2] a MAC address is found by %s', (text) => {
  expect(found(ask({ pc: [searchKey('mac', '3c:52:82:1a:0b:9e')] }, text))).toEqual(['pc']);
});

test.each(['10.11.82.11', '82', '3c52-', 'zz:11'])('[SE2] a MAC address is not found by %s', (text) => {
  expect(found(ask({ pc: [searchKey('mac', '3c:52:82:1a:0b:9e')] }, text))).toEqual([]);
});

test('[SE2] an address is found by its beginning', () => {
  const items = { a: [searchKey('address', '10.20.3.7')], b: [searchKey('address', '110.20.3.70')] };
  expect(found(ask(items, '10.20.3.7'))).toEqual(['a', 'b']);
});

test('[SE3] each word must be there, in whatever field; the phrase itself is first', () => {
  const items = {
    both: [searchKey('name', 'lab-2'), searchKey('user', 'wang jing')],
    apart: [searchKey('user', 'jing wang')],
    half: [searchKey('user', 'wang')],
  };
  expect(found(ask(items, 'wang jing'))).toEqual(['both', 'apart']);
  expect(found(ask(items, 'wang 2'))).toEqual(['both']);
});

test('[SE3] Chinese is found without words being parted', () => {
  expect(found(ask(names('财务部打印机', '财务'), '打印'))).toEqual(['财务部打印机']);
});

test('[SE4] the best are given and it is said that there are more', () => {
  const answer = ask(names('a3', 'a1', 'a2'), 'a', 2);
  expect([found(answer), answer.more]).toEqual([['a1', 'a2'], true]);
  expect(ask(names('a3', 'a1'), 'a', 2).more).toBe(false);
});

test('[SE5] what was deleted is not found', () => {
  const index = new KeyIndex<string>();
  index.put('x', 'x', [searchKey('name', 'x')]);
  index.delete('x');
  expect(index.find(questionOf('x'), 1).items).toEqual([]);
});
