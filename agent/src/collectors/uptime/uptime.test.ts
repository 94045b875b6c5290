import { expect, test } from 'vitest';
import { createFakeHost } from '../../host-fake.ts';
import { bootId, bootTime } from './uptime.ts';

test("[CO20] the boot id is the kernel's, else the boot time, else empty", () => {
  const files = {
    '/proc/sys/kernel/random/boot_id': '0f1e2d3c-0000-4000-8000-123456789abc\n',
    '/proc/stat': 'btime 1760000000\n',
  };
  expect(bootId(createFakeHost({ files }))).toBe('0f1e2d3c-0000-4000-8000-123456789abc');
  expect(bootId(createFakeHost({ files: { '/proc/stat': files['/proc/stat'] } }))).toBe('btime-1760000000');
  expect(bootId(createFakeHost())).toBe('');
});

test('[CO20] the boot time is in milliseconds since 1970', () => {
  expect(bootTime(createFakeHost({ files: { '/proc/stat': 'btime 1760000000\n' } }))).toBe(1_760_000_000_000);
  expect(bootTime(createFakeHost())).toBeNull();
});
