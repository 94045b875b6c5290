import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createLinuxHost, type LinuxHost } from './host-linux.ts';

test('[CO40] files of /proc are read anew each time through a descriptor that stays open', () => {
  const { host, folder } = hostOverTree({ 'proc/stat': 'first\n' });
  expect(host.readText('/proc/stat')).toBe('first\n');
  expect(host.readText('/proc/stat')).toBe('first\n');
  expect(openPaths()).toContain(join(folder, 'proc/stat'));
  writeFileSync(join(folder, 'proc/stat'), 'second and longer\n');
  expect(host.readText('/proc/stat')).toBe('second and longer\n');
  host.close();
  expect(openPaths()).not.toContain(join(folder, 'proc/stat'));
  expect(host.readText('/proc/stat')).toBe('second and longer\n');
});

test('[CO40] files of one process and files outside /proc are not kept open', () => {
  const { host, folder } = hostOverTree({
    'proc/4321/stat': 'x\n',
    'proc/1/mountinfo': 'y\n',
    'etc/passwd': 'z\n',
  });
  for (let i = 0; i < 3; i++)
    for (const path of ['/proc/4321/stat', '/proc/1/mountinfo', '/etc/passwd']) host.readText(path);
  expect(openPaths().filter((path) => path.startsWith(folder))).toEqual([join(folder, 'proc/1/mountinfo')]);
});

test('[CO40] a bounded number of descriptors stays open', () => {
  const names = Array.from({ length: 300 }, (_, i) => `proc/f${i}`);
  const { host, folder } = hostOverTree(Object.fromEntries(names.map((name) => [name, name])));
  for (let i = 0; i < 2; i++) for (const name of names) expect(host.readText(`/${name}`)).toBe(name);
  expect(openPaths().filter((path) => path.startsWith(folder))).toHaveLength(128);
  expect(host.readText('/proc/f0')).toBe('proc/f0');
});

test('[CO41] a file longer than the buffer, or handed out in pieces, is read whole', () => {
  const long = 'é'.repeat(700_000);
  const { host } = hostOverTree({ 'etc/long': long });
  expect(host.readText('/etc/long')).toBe(long);
  expect(host.readBytes('/etc/long', 3)).toEqual(new Uint8Array([0xa9, 0xc3, 0xa9]));
  expect(host.readBytes('/etc/long', 4_000_000)).toHaveLength(1_400_000);
});

test.skipIf(!existsSync('/proc/self/stat'))(
  "[CO41] this machine's tables are read whole the second time too, when a short one is read only once",
  () => {
    const host = createLinuxHost();
    onTestFinished(() => host.close());
    const tables = [
      '/proc/vmstat',
      '/proc/diskstats',
      '/proc/net/dev',
      '/proc/meminfo',
      '/proc/stat',
      '/proc/filesystems',
    ];
    const names = (text: string | null) => text?.split('\n').map((line) => line.trim().split(/[\s:]+/)[0]);
    for (const table of tables) {
      const whole = names(readFileSync(table, 'utf8'));
      for (let i = 0; i < 3; i++) expect([table, names(host.readText(table))]).toEqual([table, whole]);
    }
  },
);

test('[CO41] what is not there or is no file is null or empty, and a pipe does not block', async () => {
  const { host, folder } = hostOverTree({ 'etc/a': '', 'etc/b': '' });
  const made = await host.run('mkfifo', [join(folder, 'etc/pipe')]);
  expect(host.readText('/etc/none')).toBeNull();
  expect(host.readText('/etc')).toBeNull();
  expect(host.readText('/etc/a')).toBe('');
  expect(made.ok).toBe(true);
  expect(host.readText('/etc/pipe')).toBeNull();
  expect(host.readBytes('/none', 10)).toBeNull();
  expect(host.modifiedMs('/none')).toBeNull();
  expect(host.list('/none')).toEqual([]);
  expect(host.list('/etc').slice(0, 2)).toEqual(['a', 'b']);
  expect(host.readLink('/etc/a')).toBeNull();
  expect(host.fileSystem('/none')).toBeNull();
});

test('[CO41] links, times and file systems are told as they are', () => {
  const { host, folder } = hostOverTree({ 'etc/a': '1' });
  symlinkSync('a', join(folder, 'etc/link'));
  expect(host.readLink('/etc/link')).toBe('a');
  expect(host.modifiedMs('/etc/link')).toBeGreaterThan(1_600_000_000_000);
  const figures = host.fileSystem('/');
  expect(figures?.totalBytes).toBeGreaterThan(0);
  expect(figures?.freeBytes).toBeLessThanOrEqual(figures?.totalBytes ?? 0);
  expect(host.self().residentBytes).toBeGreaterThan(1 << 20);
  expect(host.self().cpuSeconds).toBeGreaterThan(0);
});

test('[CO42] a program runs in the C locale without our environment, and one that hangs or is missing is not ok', async () => {
  const { host } = hostOverTree({});
  const environment = await host.run('env', []);
  expect(environment.stdout.trim().split('\n').sort()).toEqual([
    'LANG=C',
    'LC_ALL=C',
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  ]);
  expect(await host.run('no-such-program', [])).toMatchObject({ ok: false, stdout: '' });
  expect(await host.run('sh', ['-c', 'echo out; echo err >&2; exit 3'])).toEqual({
    ok: false,
    stdout: 'out\n',
    stderr: 'err\n',
  });
  expect((await host.run('sleep', ['60'], 50)).ok).toBe(false);
});

test.skipIf(!existsSync('/proc/self/stat'))("[CO41] this machine's own /proc is read", () => {
  const host = createLinuxHost();
  onTestFinished(() => host.close());
  expect(host.readText('/proc/uptime')).toMatch(/^\d+\.\d+ /);
  expect(Number(host.readText('/proc/uptime')?.split(' ')[0])).toBeGreaterThan(0);
  expect(host.list('/proc')).toContain(`${process.pid}`);
});

function hostOverTree(files: Readonly<Record<string, string>>): { host: LinuxHost; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'muster-host-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const host = createLinuxHost({
    procRoot: join(folder, 'proc'),
    sysRoot: join(folder, 'sys'),
    root: folder,
  });
  onTestFinished(() => {
    host.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { host, folder };
}

/** Files this process has open. */
function openPaths(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // The descriptor of the listing itself is closed by now.
      return [];
    }
  });
}

test('[IN60] an entry is the link itself, and a hash is taken of the very file that was looked at', () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-entry-'));
  const host = createLinuxHost();
  writeFileSync(join(folder, 'a.conf'), 'port = 80\n', { mode: 0o640 });
  symlinkSync('a.conf', join(folder, 'link'));
  const file = host.entry(join(folder, 'a.conf'));
  expect(file).toMatchObject({ kind: 'file', mode: 0o640, sizeBytes: 10 });
  expect(host.entry(join(folder, 'link'))?.kind).toBe('link');
  expect(host.entry(folder)?.kind).toBe('directory');
  expect(host.entry(join(folder, 'none'))).toBeNull();
  const inode = file?.inode ?? 0;
  const sha256 = createHash('sha256').update('port = 80\n').digest('hex');
  expect(host.hashFile(join(folder, 'a.conf'), inode, 10)).toBe(sha256);
  expect(host.hashFile(join(folder, 'a.conf'), inode, 9)).toBeNull();
  expect(host.hashFile(join(folder, 'a.conf'), inode + 1, 10)).toBeNull();
  expect(host.hashFile(join(folder, 'link'), inode, 10)).toBeNull();
  rmSync(folder, { recursive: true });
});

test.skipIf(!existsSync('/proc/uptime'))(
  '[FP16] the clock since boot is that of its file, which is opened once for looks that follow one another',
  () => {
    const host = createLinuxHost();
    const reads = () => Number(/syscr: (\d+)/.exec(readFileSync('/proc/thread-self/io', 'utf8'))?.[1]);
    const ms = () => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1_000;
    const before = ms();
    const readsBefore = reads();
    const looks = Array.from({ length: 100 }, () => host.sinceBootMs?.() ?? Number.NaN);
    expect(reads() - readsBefore).toBeLessThan(20);
    for (const look of looks) expect(look).toBeGreaterThanOrEqual(before);
    expect(looks.at(-1)).toBeLessThanOrEqual(ms() + 20);
    expect(looks).toEqual(looks.toSorted((a, b) => a - b));
  },
);
