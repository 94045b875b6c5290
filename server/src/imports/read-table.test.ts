import { deflateRawSync } from 'node:zlib';
import { readSheet } from 'read-excel-file/node';
import { expect, test } from 'vitest';
import writeXlsxFile from 'write-excel-file/node';
import { readTable } from './read-table.ts';

/** A workbook of the parts that a reader needs; `lie`: what each part says it unpacks to. */
function workbook(sheet: string, more: Readonly<Record<string, string | Buffer>> = {}, lie?: number): Buffer {
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const parts: Record<string, string | Buffer> = {
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="r"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/styles.xml': `<styleSheet xmlns="${main}"><numFmts><numFmt numFmtId="164" formatCode="00000"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
    'xl/worksheets/sheet1.xml': `<worksheet xmlns="${main}"><sheetData>${sheet}`,
    ...more,
  };
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, text] of Object.entries(parts)) {
    const raw = Buffer.from(text);
    const packed = deflateRawSync(raw);
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(8, 8);
    head.writeUInt32LE(packed.byteLength, 18);
    head.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(packed.byteLength, 20);
    entry.writeUInt32LE(lie ?? raw.byteLength, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(at, 42);
    files.push(head, Buffer.from(name), packed);
    directory.push(entry, Buffer.from(name));
    at += 30 + name.length + packed.byteLength;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(parts).length, 10);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...files, ...directory, end]);
}

const END = '</sheetData></worksheet>';
const text = (ref: string, value: string) => `<c r="${ref}" t="inlineStr"><is><t>${value}</t></is></c>`;
const HEAD = `<row r="1">${text('A1', 'Asset number')}${text('B1', 'Name')}${text('C1', 'Purchased')}</row>`;

test('[IM2] a workbook keeps leading noughts, long numbers and the numbers of its rows', async () => {
  const { rows, lines } = await readTable(
    workbook(
      `${HEAD}<row r="2"><c r="A2" s="1"><v>123</v></c>${text('B2', 'pc')}<c r="C2" s="2"><v>46112</v></c></row><row r="7"><c r="A7"><v>12345678901234567</v></c></row>${END}`,
    ),
  );
  expect(rows).toEqual([
    ['00123', 'pc', '2026-03-31'],
    ['12345678901234567', null, null],
  ]);
  expect(lines).toEqual([2, 7]);
});

test('[IM2] what is said once for merged rows is said of each; a title above the headings is none of them', async () => {
  const { headers, rows, lines } = await readTable(
    workbook(
      `<row r="1">${text('A1', '固定资产清单')}</row>${HEAD.replace('r="1"', 'r="2"').replaceAll(/(?<=r="[A-C])1/g, '2')}` +
        `<row r="3">${text('A3', 'HQ')}${text('B3', 'a')}</row><row r="4">${text('B4', 'b')}</row><row r="5">${text('B5', 'c')}</row></sheetData>` +
        '<mergeCells><mergeCell ref="A1:C1"/><mergeCell ref="A3:A4"/></mergeCells></worksheet>',
    ),
  );
  expect([headers, rows.map(([a, b]) => [a, b]), lines]).toEqual([
    ['Asset number', 'Name', 'Purchased'],
    [
      ['HQ', 'a'],
      ['HQ', 'b'],
      [null, 'c'],
    ],
    [3, 4, 5],
  ]);
});

test('[IM3] one cell far out makes no table of millions', async () => {
  const far = (value: string) => workbook(`${HEAD}<row r="1048576">${value}</row>${END}`);
  await expect(readTable(far(text('XFD1048576', 'x')))).rejects.toMatchObject({ code: 'file-unreadable' });
  const { lines } = await readTable(far(`${text('B1048576', 'x')}<c r="XFD1048576" s="1"/>`));
  expect(lines).toEqual([1_048_576]);
});

test('[IM3] a workbook that says it is small and unpacks to hundreds of megabytes is refused', async () => {
  const bomb = workbook('', { 'xl/sharedStrings.xml': Buffer.alloc(210 << 20, 0x20) }, 10);
  await expect(readTable(bomb)).rejects.toThrow('would unpack to more than 200 MiB');
});

test.each([
  ['types of its own', '<!DOCTYPE x [<!ENTITY a "b">]><worksheet><sheetData></sheetData></worksheet>'],
  ['no end', '<worksheet><sheetData><row r="1">'],
])('[IM3] a sheet with %s is refused', async (_what, sheet) => {
  const content = workbook('', { 'xl/worksheets/sheet1.xml': sheet });
  await expect(readTable(content)).rejects.toMatchObject({ code: 'file-unreadable' });
});

test('[IM2] a workbook as others write it is read as another reader reads it', async () => {
  const content = await writeXlsxFile([
    ['Name', 'Cost', '_x0041_'].map((value) => ({ value, type: String })),
    ['电脑', 2.5, null].map((value) => (value === null ? null : { value })),
    [null, { value: true, type: Boolean }, { value: ' a\nb ', type: String }],
  ]).toBuffer();
  const other = await readSheet(content);
  const { rows } = await readTable(content);
  expect(rows.map((row) => row.slice(0, 2))).toEqual(other.slice(1).map((row) => row.slice(0, 2)));
});

test('[IM3] more than 200 columns are refused', async () => {
  const wide = Array.from({ length: 300 }, (_, i) => `h${i}`).join(',');
  await expect(readTable(Buffer.from(`${wide}\n1\n`))).rejects.toThrow('300 columns; 200 are the most');
});

test('[IM3] a quotation mark that is not closed is an error and swallows no rows', async () => {
  await expect(readTable(Buffer.from('name,model\n"pc-1,M1\npc-2,M2\n'))).rejects.toThrow('quotation mark');
});

test('[IM4] rows keep the numbers that a spreadsheet shows; empty ones count', async () => {
  const { rows, lines } = await readTable(Buffer.from('name,model\n\n007,M1\n,,\n" ",\n"a\nb",M2\n'));
  expect([rows, lines]).toEqual([
    [
      ['007', 'M1'],
      ['a\nb', 'M2'],
    ],
    [3, 6],
  ]);
});

test('[IM2] UTF-16 without its mark is read too; a row longer than the headings keeps what it says', async () => {
  const { headers, rows, encoding } = await readTable(Buffer.from('name,model\npc-1,M1,more\n', 'utf16le'));
  expect([headers, rows, encoding]).toEqual([['name', 'model', ''], [['pc-1', 'M1', 'more']], 'UTF-16']);
});

test('[IM3] an old XLS file is named', async () => {
  await expect(readTable(Buffer.from([0xd0, 0xcf, 0x11, 0xe0]))).rejects.toThrow('XLS file of old');
});
