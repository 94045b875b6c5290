import { expect, test } from 'vitest';
import { createFakeHost } from '../../host-fake.ts';
import { pageBytes } from '../page-size.ts';
import { availableBytes, memory, vmstatCount } from './memory.ts';

test('[CO13] without MemAvailable the estimate stays between what is free and what there is', () => {
  const figures = (free: number, cached: number, shared: number): Map<string, number> =>
    new Map(
      Object.entries({
        MemTotal: 1_000,
        MemFree: free,
        Buffers: 10,
        Cached: cached,
        Shmem: shared,
        SReclaimable: 5,
      }),
    );
  expect(availableBytes(figures(100, 300, 50))).toBe(365);
  expect(availableBytes(figures(100, 300, 900))).toBe(110);
  expect(availableBytes(figures(900, 300, 0))).toBe(1_000);
});

test('[CO13] a count is found in any line, and not inside another name', () => {
  const text = 'pswpin 1\nthp_swpout 7\nnr_pswpout 9\npswpout 22';
  expect(vmstatCount(text, 'pswpin')).toBe(1);
  expect(vmstatCount(text, 'pswpout')).toBe(22);
  expect(vmstatCount(text, 'swpout')).toBeNull();
});

test('[CO13] pages are as large as the kernel says', () => {
  const auxv = new Uint8Array(48);
  const view = new DataView(auxv.buffer);
  view.setBigUint64(0, 16n, true);
  view.setBigUint64(8, 0xffff_ffff_ffff_fff0n, true);
  view.setBigUint64(16, 6n, true);
  view.setBigUint64(24, 65_536n, true);
  const host = createFakeHost({
    files: { '/proc/self/auxv': auxv, '/proc/vmstat': 'pswpin 2\n' },
    architecture: 'aarch64',
  });
  expect(pageBytes(host)).toBe(65_536);
  expect(memory.collect(host, null).samples).toEqual([{ metric: 'swap.in', instance: '', value: 131_072 }]);
  expect(pageBytes(createFakeHost())).toBe(4_096);
});
