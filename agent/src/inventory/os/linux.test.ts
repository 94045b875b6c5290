import { expect, test } from 'vitest';
import { createFakeHost } from '../../host-fake.ts';
import { bootedAtMs, timeZone } from './linux.ts';
import { os } from './os.ts';

test('the boot time is the btime of /proc/stat', () => {
  expect(bootedAtMs('cpu 1 2 3\nbtime 1700000000\nprocesses 7\n')).toBe(1_700_000_000_000);
  expect(bootedAtMs('cpu 1 2 3\n')).toBeNull();
});

test('the time zone is where /etc/localtime leads, else what /etc/timezone says', () => {
  expect(timeZone('/usr/share/zoneinfo/Asia/Shanghai', 'Etc/UTC')).toBe('Asia/Shanghai');
  expect(timeZone('/usr/share/zoneinfo/posix/Europe/Berlin', null)).toBe('Europe/Berlin');
  expect(timeZone(null, 'Etc/UTC')).toBe('Etc/UTC');
  expect(timeZone(null, null)).toBeNull();
});

test.each([
  ['3D1219C7C4C5404AAA1F6D2A48ADFDA4\n', '3d1219c7c4c5404aaa1f6d2a48adfda4'],
  ['uninitialized\n', null],
  ['', null],
])('[IN22] machine-id %j is reported as %s', async (content, expected) => {
  const host = createFakeHost({
    files: { '/etc/machine-id': content, '/proc/sys/kernel/hostname': 'web-01\n' },
  });
  expect((await os.collect(host)).data.machineId).toBe(expected);
});

test('[IN5] a machine whose name cannot be read is incomplete', async () => {
  const { data, complete, notes } = await os.collect(createFakeHost());
  expect(data.hostname).toBe('');
  expect(complete).toBe(false);
  expect(notes).toHaveLength(1);
});
