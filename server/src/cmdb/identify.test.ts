import { expect, test } from 'vitest';
import type { MachineFacts } from '../inventory/facts.ts';
import { identify, type Candidate } from './identify.ts';

const UUID = '4c4c4544-0031-4210-8034-b7c04f4c5931';
const UUID_SWAPPED = '44454c4c-3100-1042-8034-b7c04f4c5931';

/** Each case: what the report says, what is held, whose it is. Names in brackets are the threads the case was learnt from. */
const CASES: {
  name: string;
  reported: Partial<MachineFacts>;
  held: (Partial<Candidate> & { ciId: string })[];
  agentCiId?: string;
  shared?: string[];
  zone?: string;
  expect: { decision: string; rule: string; ciId: string | null };
}[] = [
  {
    name: '[ID9] nothing is known: a new CI',
    reported: { serial: 'S1', uuid: UUID },
    held: [],
    expect: { decision: 'created', rule: 'new', ciId: null },
  },
  {
    name: '[ID2] serial and UUID equal',
    reported: { serial: 'S1', uuid: UUID },
    held: [{ ciId: 'a', serial: 'S1', uuid: UUID }],
    expect: { decision: 'matched', rule: 'serial+uuid', ciId: 'a' },
  },
  {
    name: '[ID2] the UUID counts in both byte orders (glpi-agent 839)',
    reported: { serial: 'S1', uuid: UUID, uuidSwapped: UUID_SWAPPED },
    held: [{ ciId: 'a', serial: 'S1', uuid: UUID_SWAPPED }],
    expect: { decision: 'matched', rule: 'serial+uuid', ciId: 'a' },
  },
  {
    name: '[ID3] serial equal, an imported asset knows no UUID (glpi-agent 325)',
    reported: { serial: 'S1', uuid: UUID },
    held: [{ ciId: 'a', serial: 'S1' }],
    expect: { decision: 'matched', rule: 'serial', ciId: 'a' },
  },
  {
    name: '[ID4] a new mainboard: serial, model and a network port stay (glpi 17986)',
    reported: { serial: 'S1', uuid: UUID, manufacturer: 'Dell', model: 'R650', permanentMacs: ['aa'] },
    held: [{ ciId: 'a', serial: 'S1', uuid: 'other', manufacturer: 'Dell', model: 'R650', macs: ['aa'] }],
    expect: { decision: 'matched', rule: 'mainboard-swap', ciId: 'a' },
  },
  {
    name: '[ID4] same serial and model, other UUID, nothing else: a person decides',
    reported: { serial: 'S1', uuid: UUID, manufacturer: 'Dell', model: 'R650' },
    held: [{ ciId: 'a', serial: 'S1', uuid: 'other', manufacturer: 'Dell', model: 'R650' }],
    expect: { decision: 'ambiguous', rule: 'mainboard-swap', ciId: null },
  },
  {
    name: '[ID5] UUID equal, no serial on one side',
    reported: { uuid: UUID },
    held: [{ ciId: 'a', serial: 'S1', uuid: UUID }],
    expect: { decision: 'matched', rule: 'uuid', ciId: 'a' },
  },
  {
    name: '[ID5] two Dells with one UUID are two machines (fusioninventory-for-glpi 878)',
    reported: { serial: 'S2', uuid: UUID },
    held: [{ ciId: 'a', serial: 'S1', uuid: UUID }],
    shared: [UUID],
    expect: { decision: 'created', rule: 'new', ciId: null },
  },
  {
    name: '[ID7] two built-in ports equal',
    reported: { permanentMacs: ['aa', 'bb'] },
    held: [{ ciId: 'a', macs: ['bb', 'aa', 'cc'] }],
    expect: { decision: 'matched', rule: 'macs', ciId: 'a' },
  },
  {
    name: '[ID7] one port alone is not enough (docks; fusioninventory-agent 814)',
    reported: { permanentMacs: ['aa'], hostname: 'x' },
    held: [{ ciId: 'a', macs: ['aa'], hostname: 'y' }],
    expect: { decision: 'created', rule: 'new', ciId: null },
  },
  {
    name: '[ID7] ports of a machine whose serial differs were moved, not the machine',
    reported: { serial: 'S2', permanentMacs: ['aa', 'bb'] },
    held: [{ ciId: 'a', serial: 'S1', macs: ['aa', 'bb'] }],
    expect: { decision: 'created', rule: 'new', ciId: null },
  },
  {
    name: '[TP32] host name, an address, a port of any kind and the last start equal (agents of others)',
    reported: {
      hostname: 'vm',
      bootedAtMs: 1_000_000,
      ipAddresses: ['192.0.2.2', 'fd00::2'],
      rejected: [{ field: 'mac', value: '02:fc:00:00:00:01', reason: 'local' }],
    },
    held: [
      {
        ciId: 'a',
        hostname: 'vm',
        bootedAtMs: 1_003_000,
        machineId: 'm',
        addresses: ['192.0.2.2'],
        allMacs: ['02:fc:00:00:00:01'],
      },
    ],
    expect: { decision: 'matched', rule: 'same-boot', ciId: 'a' },
  },
  {
    name: '[TP32] the same at one site, no port told',
    reported: { hostname: 'vm', bootedAtMs: 1_000_000, ipAddresses: ['192.0.2.2', 'fd00::2'] },
    held: [{ ciId: 'a', hostname: 'vm', bootedAtMs: 1_003_000, addresses: ['192.0.2.2'], zone: 'Beijing' }],
    zone: 'Beijing',
    expect: { decision: 'matched', rule: 'same-boot', ciId: 'a' },
  },
  {
    name: '[TP32] two virtual machines of one image behind two routers: a person is asked',
    reported: { hostname: 'vm', bootedAtMs: 1_000_000, ipAddresses: ['192.0.2.2', 'fd00::2'] },
    held: [{ ciId: 'a', hostname: 'vm', bootedAtMs: 1_003_000, addresses: ['192.0.2.2'] }],
    expect: { decision: 'ambiguous', rule: 'same-boot', ciId: null },
  },
  {
    name: '[TP32] the same name and address at two sites: a person is asked',
    reported: {
      hostname: 'vm',
      bootedAtMs: 1_000_000,
      ipAddresses: ['192.0.2.2', 'fd00::2'],
      rejected: [{ field: 'mac', value: '02:fc:00:00:00:01', reason: 'local' }],
    },
    held: [
      {
        ciId: 'a',
        hostname: 'vm',
        bootedAtMs: 1_003_000,
        addresses: ['192.0.2.2'],
        allMacs: ['02:fc:00:00:00:01'],
        zone: 'Bonn',
      },
    ],
    zone: 'Beijing',
    expect: { decision: 'ambiguous', rule: 'same-boot', ciId: null },
  },
  {
    name: '[TP32] another port is another machine, at one site too (an address that was given on)',
    reported: {
      hostname: 'vm',
      bootedAtMs: 1_000_000,
      ipAddresses: ['192.0.2.2', 'fd00::2'],
      rejected: [{ field: 'mac', value: '52:54:00:aa:bb:cc', reason: 'local' }],
    },
    held: [
      {
        ciId: 'a',
        hostname: 'vm',
        bootedAtMs: 1_003_000,
        addresses: ['192.0.2.2'],
        allMacs: ['52:54:00:aa:bb:cd'],
        zone: 'Bonn',
      },
    ],
    zone: 'Bonn',
    expect: { decision: 'created', rule: 'new', ciId: null },
  },
  {
    name: '[TP32] the first container of two hosts that were started together: a person is asked',
    reported: {
      hostname: 'vm',
      bootedAtMs: 1_000_000,
      ipAddresses: ['172.17.0.2'],
      rejected: [{ field: 'mac', value: '02:42:ac:11:00:02', reason: 'local' }],
    },
    held: [
      {
        ciId: 'a',
        hostname: 'vm',
        bootedAtMs: 1_003_000,
        addresses: ['172.17.0.2'],
        allMacs: ['02:42:ac:11:00:02'],
        zone: 'Bonn',
      },
    ],
    zone: 'Bonn',
    expect: { decision: 'ambiguous', rule: 'same-boot', ciId: null },
  },
  {
    name: '[TP32] another model is another machine',
    reported: {
      hostname: 'vm',
      bootedAtMs: 1_000_000,
      ipAddresses: ['192.0.2.2', 'fd00::2'],
      manufacturer: 'Dell',
      model: 'A',
    },
    held: [
      {
        ciId: 'a',
        hostname: 'vm',
        bootedAtMs: 1_003_000,
        addresses: ['192.0.2.2'],
        manufacturer: 'Dell',
        model: 'B',
        zone: 'Bonn',
      },
    ],
    zone: 'Bonn',
    expect: { decision: 'created', rule: 'new', ciId: null },
  },
  {
    name: '[TP32] two that could be meant are none',
    reported: { hostname: 'vm', bootedAtMs: 1_000_000, ipAddresses: ['192.0.2.2', 'fd00::2'] },
    held: [
      { ciId: 'a', hostname: 'vm', bootedAtMs: 1_003_000, addresses: ['192.0.2.2'], zone: 'Bonn' },
      { ciId: 'b', hostname: 'vm', bootedAtMs: 1_001_000, addresses: ['192.0.2.2'], zone: 'Bonn' },
    ],
    zone: 'Bonn',
    expect: { decision: 'ambiguous', rule: 'same-boot', ciId: null },
  },
  {
    name: '[TP32] started at another time, it is another machine of that name and address (cloned sandboxes)',
    reported: { hostname: 'vm', ipAddresses: ['192.0.2.2'], bootedAtMs: 1_000_000 },
    held: [{ ciId: 'a', hostname: 'vm', addresses: ['192.0.2.2'], bootedAtMs: 1_200_000 }],
    expect: { decision: 'created', rule: 'new', ciId: null },
  },
  {
    name: '[TP32] another installation of the operating system is another machine',
    reported: { hostname: 'vm', ipAddresses: ['192.0.2.2'], bootedAtMs: 1_000_000, machineId: 'n' },
    held: [{ ciId: 'a', hostname: 'vm', machineId: 'm', addresses: ['192.0.2.2'], bootedAtMs: 1_000_000 }],
    expect: { decision: 'created', rule: 'new', ciId: null },
  },
  {
    name: '[TP32] the next report of the one that was asked about makes no third',
    reported: { hostname: 'vm', bootedAtMs: 1_000_000, ipAddresses: ['192.0.2.2'] },
    held: [
      { ciId: 'a', hostname: 'vm', bootedAtMs: 1_003_000, addresses: ['192.0.2.2'] },
      { ciId: 'b', hostname: 'vm', bootedAtMs: 1_000_000, addresses: ['192.0.2.2'], questioned: true },
    ],
    expect: { decision: 'matched', rule: 'same-boot', ciId: 'b' },
  },
  {
    name: '[ID8] operating system id and host name equal',
    reported: { machineId: 'm', hostname: 'web' },
    held: [{ ciId: 'a', machineId: 'm', hostname: 'web' }],
    expect: { decision: 'matched', rule: 'machine-id+hostname', ciId: 'a' },
  },
  {
    name: '[ID8] the host name alone never is (reused names)',
    reported: { hostname: 'web' },
    held: [{ ciId: 'a', hostname: 'web' }],
    expect: { decision: 'created', rule: 'new', ciId: null },
  },
  {
    name: '[ID9] two candidates are never merged',
    reported: { serial: 'S1' },
    held: [
      { ciId: 'a', serial: 'S1' },
      { ciId: 'b', serial: 'S1' },
    ],
    expect: { decision: 'ambiguous', rule: 'serial', ciId: null },
  },
  {
    name: '[ID1] the same agent, renamed host and new network card (glpi-agent 1042)',
    reported: { serial: 'S1', uuid: UUID, hostname: 'new', permanentMacs: ['zz'] },
    held: [{ ciId: 'a', serial: 'S1', uuid: UUID, hostname: 'old', macs: ['aa'] }],
    agentCiId: 'a',
    expect: { decision: 'matched', rule: 'agent', ciId: 'a' },
  },
  {
    name: '[ID1] the disk was copied to another machine: serial and UUID both differ',
    reported: { serial: 'S2', uuid: UUID },
    held: [{ ciId: 'a', serial: 'S1', uuid: 'other' }],
    agentCiId: 'a',
    expect: { decision: 'contradicted', rule: 'agent', ciId: null },
  },
  {
    name: '[ID1] the disk was moved into a machine that is known',
    reported: { serial: 'S2', uuid: UUID },
    held: [
      { ciId: 'a', serial: 'S1', uuid: 'other' },
      { ciId: 'b', serial: 'S2', uuid: UUID },
    ],
    agentCiId: 'a',
    expect: { decision: 'matched', rule: 'serial+uuid', ciId: 'b' },
  },
  {
    name: '[ID1] a placeholder gives way to the CI that holds the keys',
    reported: { serial: 'S1', uuid: UUID },
    held: [
      { ciId: 'p', placeholder: true },
      { ciId: 'a', serial: 'S1', uuid: UUID },
    ],
    agentCiId: 'p',
    expect: { decision: 'matched', rule: 'serial+uuid', ciId: 'a' },
  },
  {
    name: '[ID1] a placeholder becomes the machine when nothing else is it',
    reported: { serial: 'S1', uuid: UUID },
    held: [{ ciId: 'p', placeholder: true }],
    agentCiId: 'p',
    expect: { decision: 'matched', rule: 'agent', ciId: 'p' },
  },
  {
    name: '[ID9] an empty serial matches nothing (netbox-sync 202)',
    reported: { serial: null, uuid: null },
    held: [{ ciId: 'a', serial: null }],
    expect: { decision: 'created', rule: 'new', ciId: null },
  },
];

test.each(CASES)('$name', (one) => {
  const decision = identify(facts(one.reported), one.agentCiId ?? null, one.held.map(candidate), {
    zone: one.zone ?? null,
    ...(one.shared && { sharedUuids: new Set(one.shared) }),
  });
  expect(decision).toMatchObject(one.expect);
});

test('[ID10] a match names what was compared and who was turned down', () => {
  const decision = identify(facts({ serial: 'S1', uuid: UUID, hostname: 'web' }), null, [
    candidate({ ciId: 'a', serial: 'S1', uuid: UUID, hostname: 'db' }),
    candidate({ ciId: 'b', hostname: 'web' }),
  ]);
  expect(decision.keys).toContainEqual({ key: 'serial', reported: 'S1', held: 'S1', verdict: 'equal' });
  expect(decision.keys).toContainEqual({ key: 'hostname', reported: 'web', held: 'db', verdict: 'differs' });
  expect(decision.rejected).toEqual([{ ciId: 'b', ciName: 'b', reason: 'only the host name is equal' }]);
});

function facts(some: Partial<MachineFacts>): MachineFacts {
  return {
    hostname: null,
    domain: null,
    machineId: null,
    serial: null,
    uuid: null,
    uuidSwapped: null,
    boardSerial: null,
    chassisSerial: null,
    assetTag: null,
    manufacturer: null,
    model: null,
    chassisType: null,
    isVirtual: false,
    isContainer: false,
    virtualisation: null,
    permanentMacs: [],
    ipAddresses: [],
    proposedClass: 'Server',
    osFamily: null,
    osName: null,
    osVersion: null,
    architecture: null,
    bootId: null,
    bootedAtMs: null,
    cpuModel: null,
    cpuCores: null,
    memoryBytes: null,
    lastUser: null,
    displayName: 'x',
    rejected: [],
    ...some,
  };
}

function candidate(some: Partial<Candidate> & { ciId: string }): Candidate {
  return {
    ciName: some.ciId,
    serial: null,
    uuid: null,
    boardSerial: null,
    machineId: null,
    hostname: null,
    domain: null,
    manufacturer: null,
    model: null,
    macs: [],
    placeholder: false,
    ...some,
  };
}
