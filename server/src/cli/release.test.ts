import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { testKey, testRelease } from '../releases/testing.ts';
import { begun, candidate } from '../rollouts/testing.ts';
import { openSqlStore } from '../store/sql/open.ts';
import { createSqlRolloutStore } from '../store/sql/rollouts.ts';
import { release } from './release.ts';

test('[RO14] [RO34] [RO40] on the server a release is added, listed and removed, but not while it is being rolled out', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'muster-cli-'));
  const printed: string[] = [];
  const complained: string[] = [];
  const print = vi.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
  const complain = vi
    .spyOn(console, 'error')
    .mockImplementation((...words: unknown[]) => void complained.push(words.join(' ')));
  onTestFinished(() => {
    print.mockRestore();
    complain.mockRestore();
    vi.unstubAllEnvs();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const key = testKey(join(dataDir, 'keys'));
  const source = join(dataDir, 'source');
  await testRelease(source, key, 12, { packaged: true });
  vi.stubEnv('MUSTER_DATA_DIR', dataDir);
  await expect(release(['add', source])).rejects.toThrow('MUSTER_RELEASE_KEY=FILE.pub');
  vi.stubEnv('MUSTER_RELEASE_KEY', `${key.file}.pub`);
  await release(['add', source]);
  await release(['list']);
  expect(printed).toEqual([
    expect.stringContaining('release 1.12, number 12 is added'),
    expect.stringMatching(/^release 1\.12, number 12, added \S+, for linux-x64$/),
  ]);
  expect(printed[0]).toContain('Agents, Upgrades');
  vi.stubEnv('MUSTER_RELEASE_KEY', undefined);
  printed.length = 0;
  expect(await release(['list'])).toBe(1);
  expect(printed).toEqual([]);
  expect(complained).toEqual([
    expect.stringMatching(/^release 12 is not offered: .*MUSTER_RELEASE_KEY=FILE\.pub/),
  ]);
  await release(['list', '--key', `${key.file}.pub`]);
  expect(printed).toEqual([expect.stringContaining('number 12, added')]);
  printed.length = 0;
  await release(['add', source, '--key', `${key.file}.pub`]);
  expect(printed).toEqual([
    expect.stringContaining('number 12 was there already'),
    expect.stringMatching(/^The server offers it only if .*MUSTER_RELEASE_KEY=FILE\.pub/),
  ]);

  const sql = await openSqlStore({ file: join(dataDir, 'muster.db'), nowMs: 0 });
  const store = createSqlRolloutStore(sql);
  const { record, members } = begun([candidate(1)]);
  await store.add(record, members);
  await expect(release(['remove', '12'])).rejects.toThrow('is being rolled out');
  await store.put({ ...record, state: 'done' }, []);
  await sql.close();
  await release(['remove', '12']);
  expect(existsSync(join(dataDir, 'releases', '12'))).toBe(false);
  await expect(release(['remove', '12'])).rejects.toThrow('there is no release 12');
  printed.length = 0;
  const other = join(dataDir, 'other');
  await testRelease(other, key, 13, { platform: 'win-x64' });
  await release(['add', other, '--key', `${key.file}.pub`]);
  expect(printed[1]).toMatch(/install lines that were handed out before are refused: make them anew/);
  await release(['remove', '13']);
  expect(await release(['list', '--key', `${key.file}.pub`])).toBe(0);
  expect(printed.at(-1)).toContain('no release in');
});
