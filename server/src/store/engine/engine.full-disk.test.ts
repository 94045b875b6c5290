/** The engine on a disk that is really full: a file system of a few MiB, mounted for the test where that is allowed. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, SECOND_MS } from '@muster/shared/time.ts';
import { fillUp, mountSmallDisk, openTestEngine, settle, unmountSmallDisk } from './testing.ts';

const START_MS = Date.UTC(2026, 2, 1);
const SERIES = 20;
const TICKS = 60;

const disk = mountSmallDisk();
const other = mountSmallDisk();
afterAll(() => {
  for (const mounted of [disk, other]) if (mounted !== undefined) unmountSmallDisk(mounted);
});

test.skipIf(disk === undefined)(
  '[ME22] a full disk loses nothing that was acknowledged, and everything goes on after',
  async () => {
    const root = disk as string;
    const folder = path.join(root, 'metrics');
    mkdirSync(folder);
    const ballast = path.join(root, 'ballast');
    writeFileSync(ballast, new Uint8Array(2 << 20));
    let engine = await openTestEngine({ folder, limits: { segmentBytesMax: 256 << 10 } });
    try {
      const ids = Array.from({ length: SERIES }, (_, i) =>
        engine.resolve({ ciId: 'ci_a', metric: 'temperature', instance: `i${i}` }),
      );
      let seed = 1;
      const random = () => {
        seed = (seed * 48_271) % 0x7fff_ffff;
        return seed / 0x7fff_ffff;
      };
      let acknowledged = 0;
      let refused = 0;
      let nowMs = START_MS;
      const deliver = async (seq: number) => {
        // Numbers that do not compress.
        const ticks = Array.from({ length: TICKS }, (_, i) => ({
          atMs: START_MS + (seq * TICKS + i) * SECOND_MS,
          series: ids,
          values: ids.map(random),
        }));
        nowMs = START_MS + (seq + 1) * TICKS * SECOND_MS;
        await engine.append({ agentId: 'agt_a', epoch: '00000000000000aa', seq }, ticks, nowMs);
      };
      let seq = 1;
      while (refused < 20) {
        const taken = await deliver(seq).then(() => true, expectFull);
        acknowledged += taken ? 1 : 0;
        seq += taken ? 1 : 0;
        refused += taken ? 0 : 1;
        if (!taken || seq % 8 === 0) await engine.maintain(nowMs).catch(expectFull);
      }
      // Room for one delivery more, and then none for its files.
      const rest = path.join(root, 'rest');
      fillUp(rest);
      rmSync(ballast);
      writeFileSync(ballast, new Uint8Array(1 << 20));
      await deliver(seq);
      acknowledged += 1;
      seq += 1;
      fillUp(rest);
      await expect(engine.maintain(nowMs)).rejects.toMatchObject({ code: 'storage-full' });
      rmSync(rest);
      const query = {
        ciId: 'ci_a',
        metric: 'temperature',
        fromMs: START_MS,
        toMs: START_MS + DAY_MS,
        points: 1e6,
      } as const;
      const count = async () =>
        (await engine.range(query, nowMs)).series.map(({ points }) => points.times.length);
      const all = () => ids.map(() => acknowledged * TICKS);
      expect(await count()).toEqual(all());
      await engine.abandon();
      engine = await openTestEngine({ folder, limits: { segmentBytesMax: 256 << 10 } }).catch(
        async (error: unknown) => {
          // There may not be room for SQLite's own files; with room the start succeeds.
          expectFull(error);
          rmSync(ballast);
          return openTestEngine({ folder, limits: { segmentBytesMax: 256 << 10 } });
        },
      );
      expect(await count()).toEqual(all());
      expect(engine.delivered('agt_a', '00000000000000aa')).toBe(acknowledged);
      rmSync(ballast, { force: true });
      await deliver(seq);
      acknowledged += 1;
      await settle(engine, nowMs + HOUR_MS);
      expect(await count()).toEqual(all());
      expect(engine.stats(nowMs).corruptions).toEqual([]);
      expect(engine.stats(nowMs).journalBytes).toBeLessThan(256 << 10);
    } finally {
      await engine.close();
    }
  },
);

function expectFull(error: unknown): false {
  expect(String((error as { code?: unknown }).code)).toMatch(/storage-full|ENOSPC|SQLITE_(FULL|IOERR)/);
  return false;
}

test.skipIf(other === undefined)('[ME28] what is expired makes room on a full disk', async () => {
  const root = other as string;
  const folder = path.join(root, 'metrics');
  mkdirSync(folder);
  const engine = await openTestEngine({ folder });
  try {
    const series = [engine.resolve({ ciId: 'ci_a', metric: 'temperature', instance: '' })];
    const put = (seq: number, atMs: number, count: number) =>
      engine.append(
        { agentId: 'agt_a', epoch: '00000000000000aa', seq },
        Array.from({ length: count }, (_, i) => ({
          atMs: atMs + i * SECOND_MS,
          series,
          values: [Math.sin(i * 7)],
        })),
        atMs + HOUR_MS,
      );
    await put(1, START_MS, 60_000);
    await settle(engine, START_MS + DAY_MS);
    const raw = path.join(folder, 'raw-20260301.db');
    expect(existsSync(raw)).toBe(true);
    const nowMs = START_MS + 20 * DAY_MS;
    await put(2, nowMs, 1_000);
    fillUp(path.join(root, 'rest'));
    await expect(engine.maintain(nowMs + HOUR_MS)).rejects.toMatchObject({ code: 'storage-full' });
    expect(existsSync(raw)).toBe(false);
    await settle(engine, nowMs + HOUR_MS);
  } finally {
    await engine.close();
  }
});
