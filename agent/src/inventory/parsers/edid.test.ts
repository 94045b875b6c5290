import { expect, test } from 'vitest';
import { parseEdid } from './edid.ts';
import { edidBytes } from './edid-fixture.ts';
import { monitorSerial } from './monitor-serial.ts';

test('[IP16] maker, product, number, age, texts and size', () => {
  const edid = parseEdid(
    edidBytes({
      vendor: 'XYZ',
      product: 0x1a2b,
      number: 0x01020304,
      week: 9,
      year: 2021,
      texts: [
        [0xfc, 'WIDE 27'],
        [0xff, 'S-1'],
      ],
    }),
  );
  expect(edid).toEqual({
    vendorId: 'XYZ',
    productId: '1a2b',
    serialNumber: 0x01020304,
    serialText: 'S-1',
    model: 'WIDE 27',
    madeWeek: 9,
    madeYear: 2021,
    widthMillimetres: 600,
    heightMillimetres: 340,
    whole: true,
  });
});

test('[IP16] without a product name the other texts are the model, and a text of nothing is none', () => {
  const panel = edidBytes({
    texts: [
      [0xfe, 'MAKER'],
      [0xfe, 'P156 V1'],
      [0xff, ''],
    ],
  });
  expect(parseEdid(panel)).toMatchObject({ model: 'MAKER P156 V1', serialText: null });
  expect(parseEdid(edidBytes({}))).toMatchObject({ model: null });
});

test('[IP16] a wrong checksum is told, no header is no EDID', () => {
  const bytes = edidBytes({});
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  expect(parseEdid(bytes)?.whole).toBe(false);
  bytes[0] = 1;
  expect(parseEdid(bytes)).toBeNull();
  expect(parseEdid(bytes.subarray(0, 127))).toBeNull();
});

const number = (text: string) => text.split('').reduce((sum, letter) => sum * 256 + letter.charCodeAt(0), 0);

test.each([
  ['any, by its text', 'XYZ', 1, 'S-1', 'S-1', null],
  ['any, by its number', 'XYZ', 0x2f0b, null, '00002f0b', null],
  ['any, by nothing', 'XYZ', 0, null, null, null],
  ['text of a single nought', 'XYZ', 0, '0', null, null],
  ['Acer', 'ACR', 0x1234abcd, 'Q100A0017890', 'Q100A0011234abcd7890', 'Q100A0017890'],
  ['Acer with a text of another length', 'ACR', 1, 'Q100A', 'Q100A', null],
  ['BenQ', 'BNQ', number('BA'), 'K9000000017', 'ABK9000000017', 'K9000000017'],
  ['Eizo', 'ENC', 1234567, null, '01234567', null],
  ['Philips', 'PHL', 0x11d7, null, '004567', '000011d7'],
])('[IP17] serial number: %s', (_what, vendorId, serialNumber, serialText, serial, otherSerial) => {
  expect(monitorSerial({ vendorId, productId: '0001', serialNumber, serialText })).toEqual({
    serial,
    otherSerial,
  });
});

test('[IP17] Samsung prints the letters of the number since about 2009', () => {
  const known = { vendorId: 'SAM', serialNumber: number('AB12'), serialText: 'QWER000001' };
  expect(monitorSerial({ ...known, productId: '0090' })).toEqual({
    serial: 'QWER000001',
    otherSerial: 'AB12QWER000001',
  });
  expect(monitorSerial({ ...known, productId: '0a01' })).toEqual({
    serial: 'AB12QWER000001',
    otherSerial: 'QWER000001',
  });
});
