import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createFakeHost } from './host-fake.ts';
import { IDENTITY_FILE, KEY_FILE, machineFingerprint, openIdentity, sameMachine } from './identity.ts';

const root = mkdtempSync(join(tmpdir(), 'muster-identity-'));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;
const newFolder = () => join(root, String(folders++));

const UUID = '4c4c4544-0051-3010-8052-b4c04f4a3532';
const SERVER = 'A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg';

interface MachineFacts {
  readonly machineId?: string;
  readonly uuid?: string;
  readonly mac?: string;
}

function machine({ machineId, uuid, mac }: MachineFacts) {
  return createFakeHost({
    files: {
      ...(machineId === undefined ? {} : { '/etc/machine-id': `${machineId}\n` }),
      ...(uuid === undefined ? {} : { '/sys/class/dmi/id/product_uuid': `${uuid.toUpperCase()}\n` }),
      ...(mac === undefined
        ? {}
        : {
            '/sys/class/net/eth0/address': `${mac}\n`,
            '/sys/class/net/eth0/addr_assign_type': '0\n',
            '/sys/class/net/eth0/device/uevent': '',
            '/sys/class/net/veth1/address': 'aa:bb:cc:dd:ee:ff\n',
            '/sys/class/net/veth1/addr_assign_type': '3\n',
          }),
    },
  });
}

const home = { machineId: 'm1', uuid: UUID, mac: '00:16:3e:00:00:01' };

test('[LK80] the key is made once, stays, and only its owner may read it', () => {
  const folder = newFolder();
  const made = openIdentity(folder, machine(home), expect.fail);
  expect(made.origin).toBe('created');
  made.identity.enrolled(SERVER);
  const again = openIdentity(folder, machine(home), expect.fail);
  expect(again.origin).toBe('kept');
  expect(again.identity.keys.agentId).toBe(made.identity.keys.agentId);
  expect(again.identity.enrolledWith).toBe(SERVER);
  for (const name of [KEY_FILE, IDENTITY_FILE]) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('[AT93] where nothing can be written, as on a full disk, a kept identity is the same, and what is new holds until the end', () => {
  const folder = newFolder();
  const made = openIdentity(folder, machine(home), expect.fail);
  // In the way of any draft.
  mkdirSync(join(folder, `${IDENTITY_FILE}.new`));
  const log: string[] = [];
  const unchanged = openIdentity(folder, machine(home), expect.fail);
  expect(unchanged.identity.keys.agentId).toBe(made.identity.keys.agentId);
  const otherCard = { ...home, mac: '00:16:3e:00:00:02' };
  const { identity, origin } = openIdentity(folder, machine(otherCard), (line) => log.push(line));
  expect(origin).toBe('kept');
  identity.enrolled(SERVER);
  identity.trustAtFirstSight(SERVER);
  expect([identity.enrolledWith, identity.trustedAtFirstSight]).toEqual([SERVER, SERVER]);
  expect(log).toHaveLength(3);
  expect(log[0]).toMatch(/^the identity of this agent cannot be written: /);
});

test('[AT93] a new identity that cannot be kept is none', () => {
  const folder = newFolder();
  mkdirSync(join(folder, `${IDENTITY_FILE}.new`), { recursive: true });
  expect(() => openIdentity(folder, machine(home), expect.fail)).toThrow();
});

test('[LK81] a folder copied to another machine gets a new key and must enrol again', () => {
  const folder = newFolder();
  const made = openIdentity(folder, machine(home), expect.fail);
  made.identity.enrolled(SERVER);
  made.identity.trustAtFirstSight(SERVER);
  const clone = openIdentity(folder, machine({ ...home, uuid: UUID.replace('4c', '5d') }), expect.fail);
  expect(clone.origin).toBe('machine-changed');
  expect(clone.identity.keys.agentId).not.toBe(made.identity.keys.agentId);
  expect(clone.identity.enrolledWith).toBeNull();
  expect(clone.identity.trustedAtFirstSight).toBe(SERVER);
  expect(openIdentity(folder, machine({ ...home, uuid: UUID.replace('4c', '5d') }), expect.fail).origin).toBe(
    'kept',
  );
});

test('[LK82] a part that can be read at one time and not at another proves nothing, and is remembered', () => {
  const folder = newFolder();
  openIdentity(folder, machine(home), expect.fail);
  expect(openIdentity(folder, machine({ machineId: 'm1', mac: home.mac }), expect.fail).origin).toBe('kept');
  expect(openIdentity(folder, machine({ machineId: 'm1' }), expect.fail).origin).toBe('kept');
  expect(openIdentity(folder, machine({ ...home, uuid: UUID.replace('4c', '5d') }), expect.fail).origin).toBe(
    'machine-changed',
  );
});

const whole = { machineId: 'm1', systemUuid: UUID, macs: ['a', 'b'] };
test.each([
  ['the same', whole, true],
  ['another system UUID', { ...whole, systemUuid: 'u2' }, false],
  ['another machine id', { ...whole, machineId: 'm2' }, false],
  ['another network card, the same UUID', { ...whole, macs: ['c'] }, true],
  ['another network card, no UUID readable', { ...whole, systemUuid: null, macs: ['c'] }, false],
  ['one of two network cards, no UUID readable', { ...whole, systemUuid: null, macs: ['b', 'c'] }, true],
  ['nothing readable', { machineId: null, systemUuid: null, macs: [] }, true],
])('[LK82] %s', (_, now, same) => {
  expect(sameMachine(whole, now)).toBe(same);
});

test('[LK82] only permanent addresses of physical ports count, and UUIDs that firmware makes up do not', () => {
  expect(machineFingerprint(machine(home))).toEqual({ machineId: 'm1', systemUuid: UUID, macs: [home.mac] });
  for (const junk of [
    '03000200-0400-0500-0006-000700080009',
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
  ])
    expect(machineFingerprint(machine({ uuid: junk })).systemUuid).toBeNull();
});

test.each([
  ['the key', KEY_FILE, 'not a key'],
  ['the state', IDENTITY_FILE, '{"half":'],
  ['the state, with another form', IDENTITY_FILE, '{}'],
])('[LK83] when %s is damaged a new identity is made', (_, file, content) => {
  const folder = newFolder();
  const before = openIdentity(folder, machine(home), expect.fail).identity.keys.agentId;
  writeFileSync(join(folder, file), content);
  const after = openIdentity(folder, machine(home), expect.fail);
  expect(after.origin).toBe('damaged');
  expect(after.identity.keys.agentId).not.toBe(before);
  expect(readFileSync(join(folder, KEY_FILE), 'utf8')).toContain('PRIVATE KEY');
});
