import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { inventoryInChild } from './child.ts';
import { NOTHING_ASKED } from './section.ts';

const HASH = 'a'.repeat(64);

/** A program that prints this when it is asked for an inventory. */
function program(script: string) {
  const folder = mkdtempSync(join(tmpdir(), 'muster-child-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'agent.mjs');
  writeFileSync(path, script);
  return { command: process.execPath, args: [path] };
}

test('[FP3] sections come from a process of its own, in their order, with what it could not collect', async () => {
  const asked = { ...NOTHING_ASKED, fingerprintDirectories: ['/etc/ssl'] };
  const child = program(`
    const [command, option, asked] = process.argv.slice(2);
    const { fingerprintDirectories } = JSON.parse(asked);
    console.log(JSON.stringify({
      sections: {
        fingerprints: { hash: '${HASH}', complete: false, data: { fingerprintDirectories } },
        os: { hash: '${HASH}', complete: true, data: { command, option } },
      },
      failures: [{ section: 'users', detail: 'not readable' }],
    }));`);
  const failures: unknown[] = [];
  const sections = await inventoryInChild(child, asked, (failure) => failures.push(failure));
  expect([...sections]).toEqual([
    ['os', { hash: HASH, complete: true, data: { command: 'inventory', option: '--asked' } }],
    ['fingerprints', { hash: HASH, complete: false, data: { fingerprintDirectories: ['/etc/ssl'] } }],
  ]);
  expect(failures).toEqual([{ section: 'users', detail: 'not readable' }]);
});

test.each([
  [
    'says why it fails',
    'console.error("line 1"); console.error("no room"); process.exit(1)',
    'failed: no room',
  ],
  ['ends without a word', 'process.exit(3)', 'failed: Command failed'],
  ['prints something else', 'console.log("hello")', 'JSON'],
  ['prints another form', 'console.log("{}")', 'sections'],
])('[FP3] a process that %s is a failure in words', async (_what, script, words) => {
  await expect(inventoryInChild(program(script), NOTHING_ASKED, () => undefined)).rejects.toThrow(words);
});
