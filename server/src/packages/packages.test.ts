import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ReleaseManifest } from '@muster/shared/release/manifest.ts';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { LIBATOMIC } from '../install/node-libraries.ts';
import { type ServicePlatform, serviceFile } from '../install/service-files.ts';
import { nodePackages, nodeProgram } from '../release/node-packages.ts';
import { type AgentProgram, file, inOrder, type PackageEntry } from './entries.ts';
import { gzipped } from './gzip.ts';
import { PACKAGE_MAKERS, packageName } from './packages.ts';
import { tarOf } from './tar.ts';
import { packageVersion } from './version.ts';

const manifest: ReleaseManifest = {
  format: 'muster-release/1',
  serial: 12,
  version: '1.2.0-beta.1+0a1b2c3d',
  development: true,
  key: 'k'.repeat(43),
  protocol: 1,
  files: [
    { name: 'agent.mjs', kind: 'agent', platform: null, bytes: 9, sha256: 'a'.repeat(64), program: null },
  ],
};
const node = Buffer.from('not quite Node\n'.repeat(1_000));
const program = {
  agentScript: Buffer.from('the agent'),
  node: { content: node, compressed: gzipSync(node) },
  service: Buffer.from('MZ service'),
  libraries: [{ name: 'libatomic.so.1', content: Buffer.from('a library') }],
  manifest,
};

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'muster-packages-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const isHere = (name: string) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
const output = (command: string, args: readonly string[]) =>
  execFileSync(command, args, { encoding: 'utf8' });

/** Every package, written into a folder. */
async function packagesIn(folder: string, of: AgentProgram = program): Promise<Map<string, string>> {
  const paths = new Map<string, string>();
  for (const maker of PACKAGE_MAKERS) {
    const path = join(folder, packageName(maker));
    writeFileSync(path, await maker.make(of));
    paths.set(packageName(maker), path);
  }
  return paths;
}

/** What the installer puts into the agent's folder, as it says itself. */
const INSTALLED = [
  ...serviceFile('linux', 'install.sh', { version: '', releaseKey: '' }).matchAll(
    /^  put "\$STAGE\/([a-z.-]+)" 0755 /gm,
  ),
].map(([, name]) => `opt/muster-agent/${name}`);
const PLACES = [
  ...INSTALLED,
  'opt/muster-agent/agent.mjs',
  'opt/muster-agent/node',
  'usr/bin/muster-agent',
  'usr/lib/systemd/system/muster-agent.service',
];

test('[PK8] the installer says what it installs', () => {
  expect(INSTALLED).toContain('opt/muster-agent/run');
});

test.runIf(isHere('dpkg-deb')).each([
  ['linux-x64', 'amd64'],
  ['linux-arm64', 'arm64'],
])(
  '[PK8] the .deb for %s is what dpkg reads: its fields, its files where the installer puts them, no configuration',
  async (platform, architecture) => {
    const path = (await packagesIn(temporaryFolder())).get(`muster-agent-${platform}.deb`) ?? '';
    expect(output('dpkg-deb', ['--field', path, 'Package', 'Version', 'Architecture'])).toBe(
      `Package: muster-agent\nVersion: 1.2.0~beta.1-12\nArchitecture: ${architecture}\n`,
    );
    const files = output('dpkg-deb', ['--contents', path]);
    for (const place of PLACES) expect(files).toContain(` ./${place}`);
    expect(files).not.toContain('/etc');
    expect(
      files
        .trimEnd()
        .split('\n')
        .filter((line) => !/^.{10} root\/root /.test(line)),
    ).toEqual([]);
    const unpacked = temporaryFolder();
    execFileSync('dpkg-deb', ['--extract', path, unpacked]);
    expect(readFileSync(join(unpacked, 'opt/muster-agent/node'))).toEqual(node);
    expect(JSON.parse(readFileSync(join(unpacked, 'opt/muster-agent/release.json'), 'utf8'))).toEqual(
      manifest,
    );
  },
);

test.runIf(isHere('rpm')).each([
  ['linux-x64', 'x86_64'],
  ['linux-arm64', 'aarch64'],
])('[PK8] the .rpm for %s is what rpm reads, and its checksums are right', async (platform, architecture) => {
  const path = (await packagesIn(temporaryFolder())).get(`muster-agent-${platform}.rpm`) ?? '';
  expect(output('rpm', ['-qp', path])).toBe(`muster-agent-1.2.0~beta.1-12.${architecture}\n`);
  const files = output('rpm', ['-qlp', path]);
  for (const place of PLACES) expect(files).toContain(`/${place}\n`);
  expect(files).not.toContain('/etc');
  expect(output('rpm', ['-K', '--nosignature', path])).toContain('digests OK');
  expect(output('rpm', ['-qp', '--scripts', path]).match(/^main rpm-\w+ "\$@"$/gm)).toEqual(
    ['pre', 'post', 'preun', 'postun'].map((occasion) => `main rpm-${occasion} "$@"`),
  );
});

const REQUIREMENTS = [
  ['deb', 'dpkg-deb', (path: string) => output('dpkg-deb', ['--field', path, 'Depends'])],
  ['rpm', 'rpm', (path: string) => output('rpm', ['-qp', '--requires', path])],
] as const;

test.each(REQUIREMENTS.filter(([, tool]) => isHere(tool)))(
  '[PK16] the .%s brings the library that Node wants and small systems lack, and asks for it only where it cannot',
  async (format, _tool, requirements) => {
    const name = `muster-agent-linux-x64.${format}`;
    const whole = (await packagesIn(temporaryFolder())).get(name) ?? '';
    expect(requirements(whole)).not.toContain('libatomic');
    const files =
      format === 'deb' ? output('dpkg-deb', ['--contents', whole]) : output('rpm', ['-qlp', whole]);
    expect(files).toContain('/opt/muster-agent/lib/libatomic.so.1\n');
    const without = (await packagesIn(temporaryFolder(), { ...program, libraries: [] })).get(name) ?? '';
    expect(requirements(without)).toContain('libatomic');
  },
);

test.runIf(isHere('rpm'))(
  '[PK72] the .rpm asks for a shell, useradd and the C and C++ libraries, and for no package by its name',
  async () => {
    const path = (await packagesIn(temporaryFolder())).get('muster-agent-linux-x64.rpm') ?? '';
    const asked = output('rpm', ['-qp', '--requires', path])
      .trimEnd()
      .split('\n')
      .filter((one) => !one.startsWith('rpmlib('));
    expect(asked.toSorted()).toEqual([
      '/bin/sh',
      '/usr/sbin/useradd',
      'libc.so.6(GLIBC_2.28)(64bit)',
      'libgcc_s.so.1()(64bit)',
      'libstdc++.so.6(GLIBCXX_3.4.21)(64bit)',
    ]);
  },
);

test.runIf(isHere('readelf'))(
  '[PK72] what the packages ask for is what Node asks for, neither less nor more',
  async (context) => {
    const own = (await nodePackages()).find(({ platform }) => platform === 'linux-x64');
    if (own === undefined || process.arch !== 'x64') return context.skip('it is the Node of this processor');
    const { path } = await nodeProgram(own, '/nowhere');
    const versions = output('readelf', ['--version-info', '--wide', path]);
    const highest = (name: string) =>
      [...versions.matchAll(new RegExp(`Name: ${name}_([0-9.]+) `, 'g'))]
        .map(([, version = '']) => version)
        .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
        .at(-1);
    expect([highest('GLIBC'), highest('GLIBCXX')]).toEqual(['2.28', '3.4.21']);
    const libraries = output('readelf', ['--dynamic', '--wide', path]).matchAll(/NEEDED.*\[(.+)\]/g);
    // Without those of the C library itself, which go with it.
    const others = [...libraries]
      .map(([, name = '']) => name)
      .filter((name) => !/^(ld-linux-x86-64|libc|libdl|libm|libpthread)\.so/.test(name));
    expect(new Set(others)).toEqual(new Set([LIBATOMIC, 'libgcc_s.so.1', 'libstdc++.so.6']));
  },
);

test('[PK8] the archive for macOS has the installer, and all that it takes, with checksums', async () => {
  const path = (await packagesIn(temporaryFolder())).get('muster-agent-darwin-arm64.tar.gz') ?? '';
  const folder = temporaryFolder();
  execFileSync('tar', ['-xzf', path, '-C', folder]);
  const inside = (name: string) => readFileSync(join(folder, 'muster-agent', name));
  expect(gunzipSync(inside('node-darwin-arm64.gz'))).toEqual(node);
  const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
  expect(inside('sha256sums').toString()).toBe(
    `${sha256(inside('agent.mjs'))}  agent.mjs\n${sha256(node)}  node-darwin-arm64\n${sha256(inside('node-darwin-arm64.gz'))}  node-darwin-arm64.gz\n${sha256(inside('release.json'))}  release.json\n`,
  );
  expect(JSON.parse(inside('release.json').toString())).toEqual(manifest);
  expect(spawnSync('sh', ['-n', join(folder, 'muster-agent/install.sh')]).status).toBe(0);
});

test('[PK9] the same program gives the same packages: on another day, in another place, for another user', async () => {
  const folder = temporaryFolder();
  const script = join(folder, 'make.mjs');
  const makers = join(import.meta.dirname, 'packages.ts');
  writeFileSync(
    script,
    `import { createHash } from 'node:crypto';
     import { gzipSync } from 'node:zlib';
     import { PACKAGE_MAKERS, packageName } from ${JSON.stringify(makers)};
     const node = Buffer.from('not quite Node\\n'.repeat(1_000));
     const program = { agentScript: Buffer.from('the agent'), node: { content: node, compressed: gzipSync(node) }, service: Buffer.from('MZ service'), libraries: [{ name: 'libatomic.so.1', content: Buffer.from('a library') }], manifest: ${JSON.stringify(manifest)} };
     for (const maker of PACKAGE_MAKERS)
       console.log(packageName(maker), createHash('sha256').update(await maker.make(program)).digest('hex'));`,
  );
  const sums = (umask: string, env: Record<string, string>) =>
    execFileSync('sh', ['-c', `umask ${umask} && exec "$0" ${JSON.stringify(script)}`, process.execPath], {
      encoding: 'utf8',
      cwd: env.HOME,
      env: { PATH: '/usr/bin:/bin', ...env },
    });
  const one = sums('022', { TZ: 'UTC', LC_ALL: 'C', HOME: folder });
  const other = sums('077', {
    TZ: 'Asia/Shanghai',
    LC_ALL: 'zh_CN.UTF-8',
    HOME: tmpdir(),
    USER: 'somebody',
    HOSTNAME: 'elsewhere',
    SOURCE_DATE_EPOCH: '1',
  });
  expect(one.trimEnd().split('\n')).toHaveLength(PACKAGE_MAKERS.length);
  expect(other).toBe(one);
});

const Name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,9}$/);
const Entries = fc.uniqueArray(
  fc.record({
    name: Name,
    folder: Name,
    mode: fc.constantFrom(0o644, 0o755, 0o600),
    content: fc.uint8Array(),
  }),
  { selector: ({ folder, name }) => `${folder}/${name}`, maxLength: 8 },
);

test('[PK9] what goes into an archive comes out of it, compressed before or not, in whatever order it came', async () => {
  await fc.assert(
    fc.asyncProperty(Entries, fc.boolean(), async (given, isCompressed) => {
      const entries: PackageEntry[] = given.map(({ folder, name, mode, content }) =>
        file(`${folder}/${name}`, mode, isCompressed ? { content, compressed: gzipSync(content) } : content),
      );
      const archive = await gzipped(tarOf(inOrder(entries), './'));
      expect(gunzipSync(await gzipped(tarOf(inOrder(entries.toReversed()), './')))).toEqual(
        gunzipSync(archive),
      );
      const folder = mkdtempSync(join(tmpdir(), 'muster-tar-'));
      try {
        execFileSync('tar', ['-xzf', '-', '-C', folder], { input: archive });
        for (const { folder: inner, name, content } of given)
          expect(new Uint8Array(readFileSync(join(folder, inner, name)))).toEqual(content);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }),
    { numRuns: 20 },
  );
});

test.each([
  ['1.2.0', '1.2.0', '7'],
  ['1.2.0+0a1b2c3d', '1.2.0', '7'],
  ['1.2.0-beta.1+0a', '1.2.0~beta.1', '7'],
])(
  '[PK10] version %s is %s to package managers, and the number of the release comes after it',
  (version, words, release) => {
    expect(packageVersion({ version, serial: 7 })).toEqual({ version: words, release });
  },
);

test('[PK10] a version that no package manager could compare is refused in words', () => {
  expect(() => packageVersion({ version: 'spring', serial: 7 })).toThrow('begins with a digit');
});

test.each([
  ['null', 'the enrolment token is missing, and this machine is not enrolled yet'],
  [
    `"${'O'.repeat(43)}"`,
    `this machine is enrolled with another server: with the one whose key is ${'O'.repeat(43)}`,
  ],
])(
  '[PK2] configure without a token on a machine enrolled with %s says which of the two is wrong',
  (enrolledWith, said) => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, 'identity.json'),
      `{\n  "enrolledWith": ${enrolledWith},\n  "trustedAtFirstSight": null\n}\n`,
    );
    const script = serviceFile('linux', 'configure.sh', { version: '1.2.3', releaseKey: 'k' }).replace(
      /^OPT=.*$/m,
      `OPT=${folder} ETC=${folder} DATA=${folder}`,
    );
    const options = ['--server', 'http://127.0.0.1:8420', '--server-key', 'K'.repeat(43)];
    const { status, stderr } = spawnSync('sh', ['-c', script, 'configure', ...options], {
      encoding: 'utf8',
      input: '',
    });
    expect([status, stderr]).toEqual([1, expect.stringContaining(said)]);
    expect(existsSync(join(folder, 'config.json'))).toBe(false);
  },
);

const SCRIPTS: readonly (readonly [ServicePlatform, string])[] = [
  ...[
    'as-agent',
    'configure',
    'install',
    'muster-agent',
    'packaged',
    'pause',
    'prepare',
    'run',
    'sleep',
    'supervise',
    'watch',
    'uninstall',
  ].map((name) => ['linux', `${name}.sh`] as const),
  ...['as-agent', 'configure', 'install', 'muster-agent', 'prepare', 'run', 'service', 'uninstall'].map(
    (name) => ['macos', `${name}.sh`] as const,
  ),
];

test.each(SCRIPTS)(
  '[PK11] the script for %s %s is plain POSIX shell without a known mistake',
  (platform, name) => {
    const path = join(temporaryFolder(), name);
    const text = serviceFile(platform, name, { version: '1.2.3', releaseKey: 'k' });
    expect(text).not.toMatch(/^@FILE /m);
    writeFileSync(path, text);
    for (const shell of ['dash', 'bash'].filter(isHere))
      expect([shell, spawnSync(shell, ['-n', path], { encoding: 'utf8' }).stderr]).toEqual([shell, '']);
    if (!isHere('shellcheck')) return;
    // Shared parts say more than each script that has them asks for.
    const found = spawnSync('shellcheck', ['--shell=sh', '--severity=warning', '--exclude=SC2034', path], {
      encoding: 'utf8',
    });
    expect(found.stdout).toBe('');
  },
);
