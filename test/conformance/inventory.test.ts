/** Every recorded case of the inventory sets, as a test. */
import { expect, test } from 'vitest';
import { QUIRKS } from './inventory/quirks.ts';
import { judge, total } from './inventory/report.ts';
import { runSuites } from './inventory/suites.ts';
import { testdataFolder } from './testdata.ts';

/** Of the cases of each set. */
const ENOUGH = 0.95;

test('[IP3] recorded inventories: every case is right or listed with its reason, and at least 95 % are right', async (context) => {
  const { report, missing } = await runSuites(testdataFolder());
  if (total(report).total === 0) context.skip(`${missing.length} sets are not there`);
  const { unlisted, stale } = judge(report, QUIRKS);
  expect(unlisted).toEqual([]);
  expect(stale).toEqual([]);
  for (const set of new Set(Object.keys(report).map((area) => area.split(' ')[0] ?? ''))) {
    const areas = Object.entries(report).filter(([area]) => area.startsWith(`${set} `));
    const { pass, total: all } = total(Object.fromEntries(areas));
    expect({ set, enough: pass >= ENOUGH * all }).toEqual({ set, enough: true });
  }
});
