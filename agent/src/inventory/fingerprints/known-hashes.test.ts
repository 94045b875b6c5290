import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createFakeHost } from '../../host-fake.ts';
import { inventoryForAgent } from '../command.ts';
import { sha256Hex } from '../canonical.ts';
import { HASHES_FILE } from '../kept-files.ts';
import {
  HASHES_BYTES_MAX,
  HashesError,
  hashesFile,
  hashesText,
  type KnownHashes,
  readHashes,
} from './known-hashes.ts';
import { readFingerprints, SETTLED_MS } from './walk.ts';

const hash = fc.oneof(fc.constant(null), fc.string({ minLength: 1 }).map(sha256Hex));
/** Names of files hold anything but a slash and a zero byte. */
const path = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).map((name) => `/etc/${name}`);
const figures = fc
  .array(fc.nat(), { minLength: 4, maxLength: 4 })
  .map((parts) => parts.map((one) => one.toString(36)).join(' '));
const known = fc
  .array(fc.tuple(path, fc.record({ figures, sha256: hash })), { maxLength: 30 })
  .map((entries): KnownHashes => new Map(entries));

function place(): { path: string; log: string[]; next: () => ReturnType<typeof hashesFile> } {
  const folder = mkdtempSync(join(tmpdir(), 'muster-hashes-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const log: string[] = [];
  const file = join(folder, HASHES_FILE);
  return { path: file, log, next: () => hashesFile(file, (line) => log.push(line)) };
}

test('[FP4] what is kept comes back as it was', () => {
  fc.assert(
    fc.property(known, (given) => {
      expect(readHashes(hashesText(given))).toEqual(given);
    }),
  );
});

test('[FP4] a file with any byte changed, cut or added is thrown away', () => {
  const edit = fc.record({
    at: fc.nat(),
    by: fc.integer({ min: 1, max: 255 }),
    how: fc.constantFrom('flip', 'cut', 'add'),
  });
  fc.assert(
    fc.property(known, edit, (given, { at, by, how }) => {
      const bytes = Buffer.from(hashesText(given));
      const i = at % bytes.length;
      const edited = {
        flip: () =>
          Buffer.concat([
            bytes.subarray(0, i),
            Buffer.from([(bytes[i] as number) ^ by]),
            bytes.subarray(i + 1),
          ]),
        cut: () => bytes.subarray(0, i),
        add: () => Buffer.concat([bytes, Buffer.from([by])]),
      }[how]();
      expect(() => readHashes(edited.toString())).toThrow(HashesError);
    }),
  );
});

test.each([
  ['of another form', 'muster-file-hashes 2 abc\n[]\n', 'another form'],
  ['of somebody else', 'hello\n', 'another form'],
  ['damaged', hashesText(new Map()).replace('[]', '[1]'), 'damaged'],
  ['too large', 'x'.repeat(HASHES_BYTES_MAX + 1), 'too large'],
])('[FP4] a file %s is not used, and the log says so', (_what, text, words) => {
  const { path: file, log, next } = place();
  writeFileSync(file, text);
  const hashes = next();
  expect(hashes.load()).toEqual(new Map());
  expect(log).toEqual([expect.stringContaining(words)]);
  hashes.save(new Map([['/etc/a', { figures: '1 1 1 1', sha256: null }]]));
  expect(next().load().size).toBe(1);
});

test('[FP4] it is for its owner alone, written when something changed, and gone when nothing is known', () => {
  const { path: file, log, next } = place();
  const one = new Map([['/etc/a', { figures: '1 1 1 1', sha256: sha256Hex('a') }]]);
  next().save(one);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const { ino } = statSync(file);
  const again = next();
  again.save(again.load());
  expect(statSync(file).ino).toBe(ino);
  again.save(new Map());
  expect(() => statSync(file)).toThrow('ENOENT');
  expect(next().load()).toEqual(new Map());
  expect(log).toEqual([]);
});

test('[FP4] a disk that takes nothing costs the next reading, and not this one', () => {
  const { path: file, log, next } = place();
  // Stands for a full disk: writing fails, whoever writes.
  mkdirSync(`${file}.new/held`, { recursive: true });
  next().save(new Map([['/etc/a', { figures: '1 1 1 1', sha256: null }]]));
  expect(log).toEqual([expect.stringContaining('cannot be written')]);
});

test('[FP4] it stays within its bounds; what has no room is read again', () => {
  const long = 'x'.repeat(1_000);
  const many: KnownHashes = new Map(
    Array.from({ length: 10_000 }, (_, i) => [
      `/etc/"${i}/${long}`,
      { figures: '1 1 1 1', sha256: sha256Hex(`${i}`) },
    ]),
  );
  const text = hashesText(many);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(HASHES_BYTES_MAX);
  const kept = readHashes(text);
  expect(kept.size).toBeGreaterThan(3_000);
  for (const [name, one] of kept) expect(many.get(name)).toEqual(one);
});

interface Change {
  readonly file: number;
  readonly text: string | null;
}
const changes = fc.array(
  fc.array(fc.record({ file: fc.nat({ max: 11 }), text: fc.option(fc.string({ maxLength: 3 })) }), {
    maxLength: 5,
  }),
  { maxLength: 6 },
);

test('[FP4] [IN62] with what the processes before it kept, each tells what one that reads all would', () => {
  fc.assert(
    fc.property(changes, (rounds: Change[][]) => {
      const host = createFakeHost({ files: { '/etc/passwd': '' } });
      let kept: KnownHashes = new Map();
      for (const round of rounds) {
        for (const { file, text } of round) host.setFile(`/etc/d${file % 3}/${file}`, text);
        host.advance(SETTLED_MS / 2);
        const { section, hashes } = readFingerprints(host, ['/etc'], kept);
        expect(section).toEqual(readFingerprints(host, ['/etc'], new Map()).section);
        kept = readHashes(hashesText(hashes));
      }
    }),
  );
});

const TREE_FILES = 9_000;

test('[FP4] of a large tree that did not change, the next process reads no file', async () => {
  const files = Object.fromEntries(
    Array.from({ length: TREE_FILES }, (_, i) => [`/etc/app/conf.d/site-${i}.conf`, `listen ${i}\n`]),
  );
  const names = Object.keys(files).map((name) => name.slice('/etc/app/conf.d/'.length));
  const fake = createFakeHost({ files: { '/etc/app/x': '' } });
  const reads: string[] = [];
  const host = {
    ...fake,
    list: (folder: string) =>
      folder === '/etc/app/conf.d' ? names : folder === '/etc/app' ? ['conf.d'] : [],
    entry: (name: string) => ({
      kind: name in files ? ('file' as const) : ('directory' as const),
      mode: 0o755,
      uid: 0,
      gid: 0,
      inode: name.length,
      modifiedMs: 1,
      changedMs: 2,
      sizeBytes: files[name]?.length ?? 0,
    }),
    hashFile: (name: string) => (reads.push(name), sha256Hex(files[name] ?? '')),
  };
  const { path: file, log, next } = place();
  const asked = JSON.stringify({ fingerprintDirectories: ['/etc/app'] });
  const first = await inventoryForAgent(host, asked, next());
  expect(reads).toHaveLength(TREE_FILES);
  expect(await inventoryForAgent(host, asked, next())).toBe(first);
  expect(reads).toHaveLength(TREE_FILES);
  expect(Buffer.byteLength(readFileSync(file))).toBeLessThan(TREE_FILES * 120);
  const off = JSON.stringify({ fingerprintDirectories: ['/etc/app'], sectionsOff: ['fingerprints'] });
  await inventoryForAgent(host, off, next());
  expect(() => statSync(file)).toThrow('ENOENT');
  expect(log).toEqual([]);
});
