/** The agent's spool on a disk that is really full: a file system of a few MiB, mounted for the test where that is allowed. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { Spool } from '@muster/agent/spool.ts';
import { fillUp, mountSmallDisk, unmountSmallDisk } from '@muster/server/store/engine/testing.ts';
import { afterAll, expect, test } from 'vitest';

const NOW_MS = Date.UTC(2026, 10, 23);

const disk = mountSmallDisk();
afterAll(() => {
  if (disk !== undefined) unmountSmallDisk(disk);
});

test.skipIf(disk === undefined)(
  '[LK161] an agent that starts on a full disk goes on with the spool that is there, and not beside it in another epoch',
  () => {
    const root = disk as string;
    const ballast = path.join(root, 'ballast');
    const open = () => new Spool({ path: path.join(root, 'spool.db'), nowMs: () => NOW_MS, randomBytes });
    const tick = (spool: Spool, value: number) =>
      spool.appendTick(NOW_MS, [{ metric: 'memory.used', instance: '', value }]);
    const before = open();
    tick(before, 1);
    before.close();
    fillUp(ballast);

    const full = open();
    expect(full.epoch).toBe(before.epoch);
    tick(full, 2);
    expect(full.fault).toMatch(/full/);
    expect([full.firstSeq, full.lastSeq, full.depth]).toEqual([1, 2, 2]);
    rmSync(ballast);
    tick(full, 3);
    expect(full.fault).toBeNull();
    full.close();

    const after = open();
    expect(after.epoch).toBe(before.epoch);
    expect([after.firstSeq, after.lastSeq, after.depth]).toEqual([1, 3, 3]);
    after.close();
  },
);
