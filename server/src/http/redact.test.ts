import { expect, test } from 'vitest';
import { LIST_ITEMS_MAX, redact } from './redact.ts';

test('[HT5] secrets are taken out at any depth, by the name of their field', () => {
  const body = {
    name: 'x',
    password: { current: 'a', next: 'b' },
    config: { kind: 'webhook', secret: 's', Authorization: 'z', list: [{ apiKey: 'k' }] },
    secretless: null,
  };
  expect(redact(body)).toEqual({
    name: 'x',
    password: '••••',
    config: { kind: 'webhook', secret: '••••', Authorization: '••••', list: [{ apiKey: '••••' }] },
    secretless: null,
  });
});

test.each([
  ['https://anna:pw@hooks.test/services/T0/B1/key?x=1', 'https://hooks.test/services/…?…'],
  ['https://hooks.test/', 'https://hooks.test/'],
  ['no url', 'no url'],
])('[HT5] addresses keep only what names the place: %s', (url, expected) => {
  expect(redact({ url })).toEqual({ url: expected });
});

test('[HT5] a long list is cut, and says how much is missing', () => {
  const ids = Array.from({ length: 5_000 }, (_, i) => `ci_${i}`);
  const { steps } = redact({ steps: [{ ids, change: { site: 'Hangzhou' } }] }) as {
    steps: { ids: string[]; change: object }[];
  };
  expect(steps[0]?.ids.slice(LIST_ITEMS_MAX - 1)).toEqual([`ci_${LIST_ITEMS_MAX - 1}`, '… 4968 more']);
  expect(steps[0]?.change).toEqual({ site: 'Hangzhou' });
  expect(redact(ids.slice(0, LIST_ITEMS_MAX))).toHaveLength(LIST_ITEMS_MAX);
});
