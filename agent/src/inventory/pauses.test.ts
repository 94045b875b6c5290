import { expect, test } from 'vitest';
import { createFakeHost } from '../host-fake.ts';
import { createFingerprints } from './fingerprints/walk.ts';
import { collectInventory } from './index.ts';
import { software } from './software/software.ts';

const PACKAGES = 5_000;
const STATUS = Array.from(
  { length: PACKAGES },
  (_, i) => `Package: p${i}\nStatus: install ok installed\nVersion: 1.${i}\nArchitecture: amd64\n`,
).join('\n');

/** A host on which each look at a file takes some of a millisecond. */
function slowHost(files: Readonly<Record<string, string>>) {
  const host = createFakeHost({ files });
  const slowly = <Args extends unknown[], Result>(look: (...args: Args) => Result) => {
    return (...args: Args): Result => {
      host.advance(0.5);
      return look(...args);
    };
  };
  return { ...host, modifiedMs: slowly(host.modifiedMs), entry: slowly(host.entry) };
}

async function turnsOf(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  let done = false;
  const ended = work.finally(() => (done = true));
  const turn = (): void => {
    turns++;
    if (!done) setImmediate(turn);
  };
  setImmediate(turn);
  await ended;
  return turns;
}

test('[IN9] 5,000 packages are read in turns of about 10 ms', async () => {
  const host = slowHost({ '/var/lib/dpkg/status': STATUS });
  const turns = await turnsOf(collectInventory(host, () => undefined, [software]));
  expect(turns).toBeGreaterThan((PACKAGES * 0.5) / 10 / 2);
});

test('[IN9] so are 2,000 files of a directory', async () => {
  const files = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`/etc/app/${i}.conf`, 'x']));
  const turns = await turnsOf(createFingerprints()(slowHost(files), ['/etc/app']));
  expect(turns).toBeGreaterThan((2_000 * 0.5) / 10 / 2);
});
