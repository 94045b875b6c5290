import { expect, test } from 'vitest';
import { LABEL_SHEETS, labelPlaces, scanAddress, scannedNumber } from './labelSheets.ts';

test.each(Object.entries(LABEL_SHEETS))(
  '[AS50] the labels of %s lie on their page, none over another',
  (_name, sheet) => {
    const places = labelPlaces(sheet, sheet.columns * sheet.rows, 1);
    for (const { page, xMm, yMm } of places) {
      expect(page).toBe(0);
      expect(xMm + sheet.widthMm).toBeLessThanOrEqual(sheet.pageWidthMm + 0.001);
      expect(yMm + sheet.heightMm).toBeLessThanOrEqual(sheet.pageHeightMm + 0.001);
    }
    expect(sheet.stepXMm).toBeGreaterThanOrEqual(sheet.widthMm);
    expect(sheet.stepYMm).toBeGreaterThanOrEqual(sheet.heightMm);
  },
);

test('[AS50] a sheet that is begun is gone on with, and more than fit go on the next', () => {
  const sheet = LABEL_SHEETS['l7160'];
  if (!sheet) throw new Error('no sheet');
  const places = labelPlaces(sheet, 3, 21);
  expect(places.map(({ page }) => page)).toEqual([0, 1, 1]);
  expect(places[0]).toMatchObject({ xMm: 7.2 + 2 * 66.04, yMm: 15.15 + 6 * 38.1 });
  expect(labelPlaces(sheet, 1, 999)[0]?.page).toBe(0);
});

test('[AS51] what the code of a label says leads back to the number, whatever signs it has', () => {
  for (const number of ['PC-2026-00042', '设备/7', 'A B', '100%'])
    expect(scannedNumber(scanAddress('https://muster.example', number))).toBe(number);
  expect(scannedNumber(' PC-1 ')).toBe('PC-1');
  expect(scannedNumber('https://muster.example/scan/PC-1/?x=1')).toBe('PC-1');
});
