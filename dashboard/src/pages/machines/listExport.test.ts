import { expect, test } from 'vitest';
import { csvText } from '../../util/csv.ts';
import { exportRows, exportStamp } from './listExport.ts';
import type { MachineRow } from './rows.ts';

test('[DB88] the file has a head and raw values of the shown columns, and no formulas', () => {
  const row = (name: string, cpu: number | null) =>
    ({ ci: { name }, values: { cpu } }) as unknown as MachineRow;
  const columns = [
    { exported: [{ header: 'Name', value: ({ ci }: MachineRow) => ci.name }] },
    { exported: [] },
    { exported: [{ header: 'CPU, %', value: ({ values }: MachineRow) => values.cpu }] },
  ];
  const rows = exportRows([row('=HYPERLINK("x")', 12.34), row('pc-2', null)], columns);
  expect(rows).toEqual([
    ['Name', 'CPU, %'],
    ['=HYPERLINK("x")', 12.34],
    ['pc-2', null],
  ]);
  expect(csvText(rows)).toBe(`Name,"CPU, %"\r\n"'=HYPERLINK(""x"")",12.34\r\npc-2,`);
  expect(exportStamp(Date.UTC(2026, 10, 21, 6, 40))).toBe('2026-11-21T06-40Z');
});
