import { expect, test } from 'vitest';
import { historyEntry } from './routes.ts';
import type { HistoryRow } from './store.ts';

const row: HistoryRow = {
  id: 'h1',
  atMs: 0,
  ciId: 'ci_m',
  machineId: 'ci_m',
  ciName: 'SRV',
  ciClass: 'Server',
  kind: 'changed',
  attribute: 'memoryBytes',
  before: 1,
  after: 2,
  source: 'agent',
  actor: 'agent:a',
};

test('[CI23] a package in the record of its machine is read as a thing of its own', () => {
  const read = historyEntry({ ...row, attribute: 'software:lib:x', before: '1.0', after: '1.1' });
  expect(read).toMatchObject({ ciId: 'ci_m', ciName: 'lib:x', ciClass: 'Software', attribute: 'version' });
});

test('[CI23] every other attribute stays as recorded', () => {
  expect(historyEntry(row)).toMatchObject({ ciName: 'SRV', ciClass: 'Server', attribute: 'memoryBytes' });
});
