import { expect, test } from 'vitest';
import { parseDb2 } from './db2.ts';
import { parseDmidecode } from './dmidecode.ts';
import { dmiMemory } from './dmidecode-memory.ts';
import { parseHdparm } from './hdparm.ts';
import { parseHponcfg } from './hponcfg.ts';
import { fruControllers, fruMemory, parseIpmitoolFru, withFruMemory } from './ipmitool-fru.ts';
import { parseMongodb } from './mongodb.ts';
import { parseOracle } from './oracle.ts';
import { parseUpower } from './upower.ts';

const HDPARM = `
/dev/sda:

ATA device, with non-removable media
	Model Number:       Example Disk 1TB
	Serial Number:      ED-1
	Firmware Revision:  FW01
	Transport:          Serial, ATA8-AST
	device size with M = 1000*1000:     1000204 MBytes (1000 GB)
Logical Unit WWN Device Identifier: 5000aaaabbbbcccc
`;

test('[IP20] an ATA drive', () => {
  expect(parseHdparm(HDPARM)).toEqual({
    model: 'Example Disk 1TB',
    serial: 'ED-1',
    firmware: 'FW01',
    transport: 'sata',
    sizeBytes: 1_000_204_000_000,
    wwn: '5000aaaabbbbcccc',
  });
});

test('[IP20] a drive whose identity is noise is none', () => {
  expect(parseHdparm(HDPARM.replace('ED-1', 'E\u00ea\u0007'))).toBeNull();
  expect(parseHdparm(' HDIO_DRIVE_CMD(identify) failed: Invalid exchange')).toBeNull();
});

test('[IP21] a battery, with the decimal comma of the reader', () => {
  const text = `  native-path:          BAT0
  vendor:               Example
  model:                CELL 1
  serial:               0042
  power supply:         yes
  battery
    energy-full:         41,125 Wh
    energy-full-design:  50.625 Wh
    voltage:             11,1 V
    technology:          lithium-ion
`;
  expect(parseUpower(text)).toEqual({
    path: 'BAT0',
    feedsMachine: true,
    manufacturer: 'Example',
    model: 'CELL 1',
    serial: '0042',
    chemistry: 'lithium-ion',
    designWattHours: 50.625,
    fullWattHours: 41.125,
    volts: 11.1,
  });
  expect(parseUpower('native-path: mouse_1\npower supply: no')).toMatchObject({
    feedsMachine: false,
    designWattHours: null,
  });
  expect(parseUpower('')).toBeNull();
});

const FRU = `FRU Device Description : Builtin FRU Device (ID 0)
 Board Mfg             : Example

FRU Device Description : CPU 1 DIMM 2 (ID 113)
 Manufacturer          : Chips
 Serial Number         : 00c0ffee
 Part Number           : C-1 \u0000

FRU Device Description : PERC1 (ID 5)
 Board Mfg             : DELL
FRU Device Description : RAID Card (ID 6)
 Board Mfg             : Example
 Board Product         : R-6
 Board Serial          : R6-1
`;

test('[IP22] memory modules of the management controller join the sockets of the firmware', () => {
  const sockets = dmiMemory(
    parseDmidecode(
      ['PROC 1 DIMM 1G|No Module Installed', 'PROC 1 DIMM 2D|8192 MB', 'PROC 2 DIMM 2D|8192 MB']
        .map((row) => row.split('|'))
        .map(
          ([locator, size], index) =>
            `Handle 0x${index}, DMI type 17, 34 bytes\n\tLocator: ${locator}\n\tSize: ${size}\n`,
        )
        .join('\n'),
    ),
  );
  const joined = withFruMemory(sockets, fruMemory(parseIpmitoolFru(FRU)));
  expect(joined.map(({ serial, partNumber, manufacturer }) => [serial, partNumber, manufacturer])).toEqual([
    [null, null, null],
    ['00c0ffee', 'C-1', 'Chips'],
    [null, null, null],
  ]);
});

test('[IP22] storage and network cards of the management controller', () => {
  expect(fruControllers(parseIpmitoolFru(FRU))).toEqual([
    { name: 'PERC1', manufacturer: 'DELL', product: null, partNumber: null, serial: null },
    { name: 'RAID Card', manufacturer: 'Example', product: 'R-6', partNumber: null, serial: 'R6-1' },
  ]);
});

test('[IP23] the network of an iLO, and nothing of its accounts', () => {
  const text = `<RIBCL VERSION="2.0"><ENABLE_NIC VALUE="Y"/><NIC_SPEED VALUE="100"/><IP_ADDRESS VALUE="10.1.2.3"/>
<SUBNET_MASK VALUE="255.255.0.0"/><GATEWAY_IP_ADDRESS VALUE="0.0.0.0"/><DNS_NAME VALUE="ilo-1"/>
<ADD_USER USER_NAME="who" PASSWORD="what"></RIBCL>`;
  expect(parseHponcfg(text)).toEqual({
    enabled: true,
    address: '10.1.2.3',
    netmask: '255.255.0.0',
    gateway: null,
    name: 'ilo-1',
    speedBitsPerSecond: 100_000_000,
  });
  expect(parseHponcfg('no answer')).toBeNull();
});

test('[IP24] DB2: an instance a line', () => {
  expect(
    parseDb2({
      instances: 'db2one\n',
      installed: '#PATH:VRMF:FIXPACK\n/opt/db2:12.1.0.0:0 ::x\n',
      snapshot: 'Start Database Manager timestamp = 02/03/2024 04:05:06.123456\n',
    }),
  ).toEqual([
    {
      product: 'db2',
      name: 'db2one',
      version: '12.1.0.0',
      port: 50_000,
      active: true,
      startedAtMs: Date.UTC(2024, 1, 3, 4, 5, 6),
      databases: [],
    },
  ]);
  expect(parseDb2({ instances: '', installed: '', snapshot: '' })).toEqual([]);
});

test('[IP24] MongoDB: databases, and which of them answer', () => {
  const answers = {
    version: '7.0.1\n',
    databases: '[{"name":"a","sizeOnDisk":40960},{"name":"b"}]',
    startedAt: '1700000000000\n',
    answering: new Set(['a']),
  };
  expect(parseMongodb(answers)).toMatchObject({
    version: '7.0.1',
    startedAtMs: 1_700_000_000_000,
    databases: [
      { name: 'a', active: true, sizeBytes: 40_960 },
      { name: 'b', active: false, sizeBytes: null },
    ],
  });
  expect(parseMongodb({ ...answers, databases: 'Error: not authorised' })?.databases).toEqual([]);
  expect(parseMongodb({ ...answers, version: 'connect failed' })).toBeNull();
});

test('[IP24] Oracle: an instance with its database; an error message is no row', () => {
  expect(
    parseOracle({
      instances: 'ORA1,ACTIVE,23.1.0.0.0,2024-02-03 04:05:06\n',
      databases: 'ERROR:\nORA-12504: TNS:listener, no\nDB1,2023-01-02 03:04:05\n',
      mebibytes: '2000\n\n',
      updated: '',
    }),
  ).toEqual([
    {
      product: 'oracle',
      name: 'ORA1',
      version: '23.1.0.0.0',
      port: 1_521,
      active: true,
      startedAtMs: Date.UTC(2024, 1, 3, 4, 5, 6),
      databases: [
        {
          name: 'DB1',
          active: true,
          sizeBytes: 2_000 * 1024 ** 2,
          createdAtMs: Date.UTC(2023, 0, 2, 3, 4, 5),
          updatedAtMs: null,
        },
      ],
    },
  ]);
});
