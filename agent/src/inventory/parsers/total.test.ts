/** Every parser answers any text: never an exception, and in time that grows with the length alone. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clockTimeMs } from './database-server.ts';
import { parseDb2 } from './db2.ts';
import { parseDmidecode } from './dmidecode.ts';
import { DMIDECODE_REPORT } from './dmidecode-fixture.ts';
import { dmiMemory } from './dmidecode-memory.ts';
import { dmiBatteries } from './dmidecode-power.ts';
import { smbiosOfDmidecode } from './dmidecode-smbios.ts';
import { parseEdid } from './edid.ts';
import { edidBytes } from './edid-fixture.ts';
import { parseHdparm } from './hdparm.ts';
import { parseHponcfg } from './hponcfg.ts';
import { fruControllers, fruMemory, parseIpmitoolFru, withFruMemory } from './ipmitool-fru.ts';
import { parseLspci, splitPciName } from './lspci.ts';
import { parseLsusb } from './lsusb.ts';
import { parseMongodb } from './mongodb.ts';
import { monitorSerial } from './monitor-serial.ts';
import { parseOracle } from './oracle.ts';
import { parseUpower } from './upower.ts';

const PARSERS: Readonly<Record<string, { read: (text: string) => unknown; sample: string }>> = {
  dmidecode: { read: readDmidecode, sample: DMIDECODE_REPORT },
  lspci: {
    read: (text) => parseLspci(text).map(({ name }) => splitPciName(name)),
    sample:
      '00:02.0 VGA compatible controller [0300]: Example Corporation Pixel [Glow] [1234:5678] (rev a1)\n' +
      '\tSubsystem: Carrier Inc. Device [abcd:0001]\n\tMemory at e0 (64-bit, prefetchable) [size=256M]\n',
  },
  lsusb: {
    read: parseLsusb,
    sample:
      'Bus 001 Device 002: ID 1234:abcd X\n  idVendor           0x1234 X\n      bInterfaceClass         3 Y\n',
  },
  hdparm: {
    read: parseHdparm,
    sample: '\tModel Number:       X\n\tdevice size with M = 1000*1000:  10 MBytes\n',
  },
  upower: { read: parseUpower, sample: '  native-path:  BAT0\n    voltage:  14,8 V\n' },
  'ipmitool fru': {
    read: (text) => {
      const devices = parseIpmitoolFru(text);
      return [withFruMemory(dmiMemory(parseDmidecode(text)), fruMemory(devices)), fruControllers(devices)];
    },
    sample:
      'FRU Device Description : CPU 1 DIMM 2 (ID 1)\n Serial Number : 1\nHandle 0x1, DMI type 17, 1 bytes\n\tLocator: CPU 1 DIMM 2\n',
  },
  hponcfg: { read: parseHponcfg, sample: '<ENABLE_NIC VALUE="Y"/><NIC_SPEED VALUE="10"/>' },
  db2: {
    read: (text) => parseDb2({ instances: text, installed: text, snapshot: text }),
    sample: 'inst\n/opt:1.2:0\nStart Database Manager timestamp = 01/02/2020 03:04:05.6\n',
  },
  mongodb: {
    read: (text) => [
      parseMongodb({ version: '1.0', databases: text, startedAt: text, answering: new Set() }),
      parseMongodb({ version: text, databases: '', startedAt: '', answering: new Set() }),
    ],
    sample: '[{"name":"a","sizeOnDisk":1}]',
  },
  oracle: {
    read: (text) => [
      parseOracle({ instances: text, databases: text, mebibytes: text, updated: text }),
      clockTimeMs(text),
    ],
    sample: 'A,ACTIVE,1.0,2020-01-02 03:04:05\n',
  },
};

function readDmidecode(text: string): unknown {
  return [smbiosOfDmidecode(text), dmiBatteries(parseDmidecode(text))];
}

/** The sample with a part cut out, doubled or replaced by anything. */
function mutated(sample: string): fc.Arbitrary<string> {
  const place = fc.nat({ max: sample.length });
  const edit = fc.record({
    from: place,
    length: fc.nat({ max: 40 }),
    by: fc.string({ unit: 'binary', maxLength: 20 }),
  });
  return fc
    .array(edit, { minLength: 1, maxLength: 6 })
    .map((edits) =>
      edits.reduce(
        (text, { from, length, by }) =>
          text.slice(0, from) + by + text.slice(from + length) + text.slice(0, length),
        sample,
      ),
    );
}

test.each(Object.keys(PARSERS))('[IP25] %s: any text gives an answer', (name) => {
  const parser = PARSERS[name];
  if (!parser) throw new Error(name);
  fc.assert(
    fc.property(fc.oneof(mutated(parser.sample), fc.string({ unit: 'binary' })), (text) => {
      expect(() => JSON.stringify(parser.read(text))).not.toThrow();
    }),
    { numRuns: 300 },
  );
});

const LONG = 100_000;
const PIECES = [
  ' ',
  '-',
  ':',
  '0',
  'A',
  '[',
  ' [0000',
  ' [0000:0000] ',
  '(',
  ',',
  '{',
  '<A VALUE="',
  '"',
  ' (ID 1',
];
/** A quadratic parser needs longer for one such line. */
const LONG_MAX_MS = 1_500;

/** The sample with one line after the other filled up by a run of `piece`; of lines that begin alike only the first. */
function withLongLine(sample: string, piece: string): string[] {
  const lines = sample.split('\n');
  const run = `${piece.repeat(LONG / piece.length)}!`;
  const starts = lines.map((line) => line.slice(0, line.search(/[:=]|$/) + 2));
  return starts.flatMap((start, index) =>
    starts.indexOf(start) === index ? [lines.with(index, start + run).join('\n')] : [],
  );
}

test.each(Object.keys(PARSERS))('[IP25] %s: a long line takes no longer than its length asks for', (name) => {
  const parser = PARSERS[name];
  if (!parser) throw new Error(name);
  for (const piece of PIECES) {
    for (const text of withLongLine(parser.sample, piece)) {
      const begun = performance.now();
      parser.read(text);
      const tookMs = performance.now() - begun;
      expect({ piece, slow: tookMs > LONG_MAX_MS }).toEqual({ piece, slow: false });
    }
  }
});

test('[IP25] EDID: any bytes give an answer', () => {
  const changed = fc
    .array(fc.tuple(fc.integer({ min: 8, max: 127 }), fc.integer({ min: 0, max: 255 })), { maxLength: 40 })
    .map((changes) => {
      const bytes = edidBytes({
        texts: [
          [0xfc, 'NAME'],
          [0xff, 'S-1'],
        ],
      });
      for (const [offset, byte] of changes) bytes[offset] = byte;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 300 })), (bytes) => {
      const edid = parseEdid(bytes);
      if (edid) expect(monitorSerial(edid)).toBeDefined();
    }),
    { numRuns: 500 },
  );
});
