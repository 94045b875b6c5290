import { SECTION_SCHEMAS } from '@muster/shared/inventory/sections.ts';
import { INVENTORY_SECTIONS } from '@muster/shared/wire/inventory-sections.ts';
import { expect, test } from 'vitest';
import { createFakeHost } from '../host-fake.ts';
import { sha256Hex } from './canonical.ts';
import { collectInventory, SECTION_COLLECTORS } from './index.ts';
import type { SectionFailure } from './index.ts';
import type { SectionCollector } from './section.ts';
import { inventoryText } from './command.ts';

const FILES = {
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nada:x:1000:1000:Ada:/home/ada:/bin/bash\n',
  '/proc/sys/kernel/hostname': 'web-01\n',
  '/proc/cpuinfo': 'processor\t: 0\nmodel name\t: Some CPU\n',
  '/proc/self/mountinfo': '27 1 254:0 / / rw - ext4 /dev/vda rw\n',
  '/proc/self/environ': 'SECRET=hunter2',
  '/sys/class/net/eth0/type': '1\n',
  '/var/lib/dpkg/status':
    'Package: bash\nStatus: install ok installed\nVersion: 5.2\nMaintainer: Ada <ada@example.org>\n',
};

const nobodyReports = (failure: SectionFailure) => {
  throw new Error(`${failure.section}: ${failure.detail}`);
};

test('the registry has every section of the protocol under its own name', () => {
  expect(Object.keys(SECTION_COLLECTORS)).toEqual([...INVENTORY_SECTIONS]);
  for (const [name, collector] of Object.entries(SECTION_COLLECTORS)) expect(collector.name).toBe(name);
});

test('[IN2] data, JSON and hash of every section belong together and fit the schema', async () => {
  const inventory = await collectInventory(createFakeHost({ files: FILES }), nobodyReports);
  expect([...inventory.keys()]).toEqual([...INVENTORY_SECTIONS]);
  for (const [section, entry] of inventory) {
    expect(JSON.stringify(entry.data)).toBe(entry.json);
    expect(sha256Hex(entry.json)).toBe(entry.hash);
    expect(SECTION_SCHEMAS[section].parse(JSON.parse(entry.json))).toEqual(entry.data);
    expect(entry.complete).toBe(entry.notes.length === 0);
  }
});

test('[IN3] a second look at the same machine gives the same hashes', async () => {
  const host = createFakeHost({ files: FILES });
  const first = await collectInventory(host, nobodyReports);
  host.advance(86_400_000);
  const second = await collectInventory(host, nobodyReports);
  expect([...second].map(([, { hash }]) => hash)).toEqual([...first].map(([, { hash }]) => hash));
});

test('[IN2] a change in one section changes the hash of that section only', async () => {
  const host = createFakeHost({ files: FILES });
  const first = await collectInventory(host, nobodyReports);
  host.setFile('/etc/passwd', `${FILES['/etc/passwd']}bob:x:1001:1001:Bob:/home/bob:/bin/sh\n`);
  const second = await collectInventory(host, nobodyReports);
  const changed = [...second].filter(([section, { hash }]) => hash !== first.get(section)?.hash);
  expect(changed.map(([section]) => section)).toEqual(['users']);
});

test('[IN1] a failing section is left out and reported, the others are collected', async () => {
  const failing: SectionCollector<'hardware'> = {
    name: 'hardware',
    collect: () => Promise.reject(new Error('the board is on fire')),
  };
  const failures: SectionFailure[] = [];
  const inventory = await collectInventory(
    createFakeHost({ files: FILES }),
    (failure) => failures.push(failure),
    [failing, SECTION_COLLECTORS.users],
  );
  expect([...inventory.keys()]).toEqual(['users']);
  expect(failures).toEqual([{ section: 'hardware', detail: 'the board is on fire' }]);
});

test('[IN1] [IN4] a section that does not fit its schema is reported with the place', async () => {
  const wrong: SectionCollector<'users'> = {
    name: 'users',
    collect: () =>
      Promise.resolve({
        data: {
          users: [
            { name: 'x', fullName: null, uid: Number.NaN, shell: null, administrator: false, system: false },
          ],
          lastUser: null,
        },
        complete: true,
        notes: [],
      }),
  };
  const failures: SectionFailure[] = [];
  const inventory = await collectInventory(createFakeHost(), (failure) => failures.push(failure), [wrong]);
  expect(inventory.size).toBe(0);
  expect(failures[0]?.detail).toMatch(/users\.0\.uid/);
});

test('[IN4] long text is cut, a long list makes the section incomplete', async () => {
  const user = (name: string) => ({
    name,
    fullName: 'x'.repeat(600),
    uid: 1,
    shell: null,
    administrator: false,
    system: false,
  });
  const long: SectionCollector<'users'> = {
    name: 'users',
    collect: () =>
      Promise.resolve({
        data: { users: Array.from({ length: 10_001 }, (_, index) => user(`u${index}`)), lastUser: null },
        complete: true,
        notes: [],
      }),
  };
  const entry = (await collectInventory(createFakeHost(), nobodyReports, [long])).get('users');
  const data = SECTION_SCHEMAS.users.parse(entry?.data);
  expect(entry).toMatchObject({
    complete: false,
    notes: ['a list was longer than its limit and has been cut'],
  });
  expect(data.users).toHaveLength(10_000);
  expect(data.users[0]?.fullName).toHaveLength(512);
});

test('[IN6] another platform reports incomplete sections and says so', async () => {
  for (const section of ['software', 'services', 'users', 'security'] as const) {
    const collected = await SECTION_COLLECTORS[section].collect(createFakeHost({ platform: 'darwin' }));
    expect(collected).toMatchObject({ complete: false, notes: ['not yet collected on darwin'] });
  }
});

test('[IN8] the text for programs is the body of a frame with every section', async () => {
  const host = createFakeHost({ files: FILES });
  const inventory = await collectInventory(host, nobodyReports);
  const body = JSON.parse(await inventoryText(host)) as { sections: Record<string, unknown> };
  expect(body.sections).toEqual(
    Object.fromEntries(
      [...inventory].map(([section, { data, hash, complete }]) => [section, { data, hash, complete }]),
    ),
  );
});

test('[IN7] nothing of the environment and no mail address is reported', async () => {
  const host = createFakeHost({ files: FILES });
  const text = await inventoryText(host);
  expect(text).not.toMatch(/hunter2|ada@example|\/home/);
  expect(host.reads.filter((path) => /environ|cmdline|shadow/.test(path))).toEqual([]);
});
