import { expect, test } from 'vitest';
import { recordedHost } from './recorded-host.ts';

const HOST = recordedHost(`Head of the report, ignored.
== /sys/devices/pci0/net/eth0/address
3c:ec:ef:01:02:03
== link /sys/class/net/eth0
../../devices/pci0/net/eth0
== base64 /bin/x
AAEC
== time /etc/machine-id
1700000000000
== sizes
{"/": 4096}
== machine
{"architecture": "aarch64"}
`);

test('a recorded machine is read through its links', () => {
  expect(HOST.readText('/sys/class/net/eth0/address')).toBe('3c:ec:ef:01:02:03\n');
  expect(HOST.list('/sys/class/net/eth0')).toEqual(['address']);
  expect(HOST.list('/sys/class/net')).toEqual(['eth0']);
  expect(HOST.readLink('/sys/class/net/eth0')).toBe('../../devices/pci0/net/eth0');
  expect(HOST.readText('/sys/class/net/eth1/address')).toBeNull();
});

test('a recorded machine has binary files, times, sizes and an architecture', () => {
  expect([...(HOST.readBytes('/bin/x', 10) ?? [])]).toEqual([0, 1, 2]);
  expect(HOST.modifiedMs('/etc/machine-id')).toBe(1_700_000_000_000);
  expect(HOST.modifiedMs('/etc/passwd')).toBeNull();
  expect(HOST.fileSystem('/')?.totalBytes).toBe(4_096);
  expect(HOST.architecture).toBe('aarch64');
});

test('a recording with an unknown word is refused', () => {
  expect(() => recordedHost('== weather\nsunny\n')).toThrow("a recording knows no 'weather'");
});
