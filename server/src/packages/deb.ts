/** Debian packages. Sources: deb(5), deb-control(5), ar(5). */
import { createHash } from 'node:crypto';
import { file, inOrder, PACKAGE_TIME_S, type PackageEntry } from './entries.ts';
import { gzipped } from './gzip.ts';
import { tarOf } from './tar.ts';

export interface DebOptions {
  /** Fields of the control file in their order, apart from the size. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** What dpkg runs, by name: preinst, postinst, prerm, postrm. */
  readonly scripts: ReadonlyMap<string, string>;
  readonly entries: readonly PackageEntry[];
  /** Folders that no package has and that stay when they are empty: dpkg removes those that its archives name. */
  readonly standing: readonly string[];
}

const KIB = 1_024;

export async function debOf({ fields, scripts, entries, standing }: DebOptions): Promise<Buffer> {
  const files = inOrder(entries).filter((entry) => entry.kind === 'file');
  const control = [...fields, ['Installed-Size', String(installedKib(entries))] as const]
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
  // Of MD5, because that is what `dpkg --verify` reads.
  const sums = files
    .map(({ path, content }) => `${createHash('md5').update(content).digest('hex')}  ${path}\n`)
    .join('');
  const about = inOrder([
    file('control', 0o644, control),
    file('md5sums', 0o644, sums),
    ...[...scripts].map(([name, text]) => file(name, 0o755, text)),
  ]);
  return Buffer.concat([
    Buffer.from('!<arch>\n'),
    ...member('debian-binary', Buffer.from('2.0\n')),
    ...member('control.tar.gz', await gzipped(tarOf(about, './'))),
    ...member('data.tar.gz', await gzipped(tarOf(withParents(entries, standing), './'))),
  ]);
}

/** As dpkg counts: each file in whole KiB, one for all else. */
function installedKib(entries: readonly PackageEntry[]): number {
  return entries.reduce(
    (total, entry) => total + (entry.kind === 'file' ? Math.ceil(entry.content.length / KIB) : 1),
    0,
  );
}

/** dpkg makes no folder that the archive does not have. */
function withParents(entries: readonly PackageEntry[], standing: readonly string[]): PackageEntry[] {
  const there = new Set([...standing, ...entries.map(({ path }) => path)]);
  const parents = new Set<string>();
  for (const { path } of entries)
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
      const parent = path.slice(0, at);
      if (!there.has(parent)) parents.add(parent);
    }
  return inOrder([
    ...entries,
    ...[...parents].map((path): PackageEntry => ({ kind: 'folder', path, mode: 0o755 })),
  ]);
}

function member(name: string, content: Uint8Array): Uint8Array[] {
  const header = [
    name.padEnd(16),
    String(PACKAGE_TIME_S).padEnd(12),
    '0'.padEnd(6),
    '0'.padEnd(6),
    '100644'.padEnd(8),
    String(content.length).padEnd(10),
    '`\n',
  ].join('');
  return [Buffer.from(header, 'latin1'), content, Buffer.from(content.length % 2 === 1 ? '\n' : '')];
}
