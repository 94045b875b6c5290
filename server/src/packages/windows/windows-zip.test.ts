import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { hasPython, runPython } from '../python-testing.ts';
import { windowsZip } from './windows-zip.ts';
import { zip, type ZipEntry } from './zip.ts';

const UNPACK =
  'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2])';

/** By another program than ours. */
function unpacked(archive: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'muster-zip-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'archive.zip'), archive);
  runPython(UNPACK, [join(folder, 'archive.zip'), join(folder, 'out')]);
  return join(folder, 'out');
}

const program = {
  agentScript: Buffer.from('console.log(1);\n'),
  node: Buffer.from('MZ node'.repeat(10_000)),
  service: Buffer.from('MZ service'),
  manifest: {
    format: 'muster-release/1' as const,
    serial: 12,
    version: '1.2.0+0a1b2c3d',
    development: false,
    key: 'k'.repeat(43),
    protocol: 1,
    files: [],
  },
};

test.skipIf(!hasPython)('[WI20] other programs unpack what is packed', () => {
  const content = fc.uint8Array({ maxLength: 5_000 });
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,20}\.[a-z]{1,3}$/), { maxLength: 5 });
  fc.assert(
    fc.property(names, fc.array(content, { minLength: 5, maxLength: 5 }), (all, contents) => {
      const entries: ZipEntry[] = all.map((name, i) => ({ name, content: contents[i] as Uint8Array }));
      const folder = entries.length === 0 ? null : unpacked(zip(entries));
      for (const one of entries)
        expect(Buffer.compare(readFileSync(join(folder ?? '', one.name)), one.content)).toBe(0);
    }),
    { numRuns: 5 },
  );
});

test.skipIf(!hasPython)(
  '[WI20] the archive holds all that an installation takes, each with its checksum',
  () => {
    const folder = unpacked(windowsZip('win-arm64', program));
    const names = readdirSync(folder).toSorted();
    expect(names).toEqual([
      'agent.mjs',
      'install.cmd',
      'install.ps1',
      'muster-agent-service.exe',
      'muster-agent.cmd',
      'node.exe',
      'release.json',
      'settings.example.txt',
      'sha256sums',
      'uninstall.ps1',
    ]);
    const sums = new Map(
      readFileSync(join(folder, 'sha256sums'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => [line.slice(66), line.slice(0, 64)]),
    );
    for (const name of names.filter((one) => one !== 'sha256sums')) {
      const sha256 = createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex');
      expect(sums.get(name === 'node.exe' ? 'node-win-arm64' : name)).toBe(sha256);
    }
    expect(readFileSync(join(folder, 'install.ps1'), 'utf8')).toContain("$Version = '1.2.0+0a1b2c3d'\r\n");
  },
);

test('[WI20] the same files give the same archive', () => {
  expect(Buffer.compare(windowsZip('win-x64', program), windowsZip('win-x64', program))).toBe(0);
});
