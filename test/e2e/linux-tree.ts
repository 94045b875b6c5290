/** A small Debian of its own for tests that change a whole system: the essential packages of this machine, unpacked anew. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** Why no such system can be made here; null: it can. */
export function treeObstacle(): string | null {
  if (process.platform !== 'linux') return 'this is not Linux';
  if (process.getuid?.() !== 0) return 'only root can change roots';
  for (const program of ['dpkg-query', 'unshare', 'nsenter', 'chroot', 'tar', 'curl'])
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0) return `${program} is missing`;
  const unshared = spawnSync('unshare', ['--pid', '--mount', '--fork', 'true']);
  return unshared.status === 0 ? null : 'namespaces are not allowed here';
}

/** What documentation and languages would add. */
const LEFT_OUT = /^\/usr\/share\/(doc|man|locale|info|lintian|bug|zoneinfo|i18n)\//;
/** As after the first boot of a machine that is not much used. */
const PASSWD = [
  'root:x:0:0:root:/root:/bin/sh',
  'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
];
const GROUP = ['root:x:0:', 'shadow:x:42:', 'nogroup:x:65534:'];

/** Unpacks the essential packages and `more` with all they depend on, except `without`. Some seconds, about 150 MB. */
export function makeLinuxTree(folder: string, options: { more: string[]; without: string[] }): void {
  mkdirSync(folder, { recursive: true });
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    mkdirSync(join(folder, 'usr', name), { recursive: true });
    symlinkSync(`usr/${name}`, join(folder, name));
  }
  const packages = closure(options.more, new Set(options.without));
  const files = filesOf(packages);
  execFileSync(
    'sh',
    [
      '-c',
      'tar -C / --no-recursion --null -T - -cf - | tar -C "$1" --keep-directory-symlink -xf -',
      'sh',
      folder,
    ],
    { input: files.map((file) => `.${file}\0`).join(''), stdio: ['pipe', 'ignore', 'pipe'] },
  );
  for (const name of ['proc', 'sys', 'dev', 'run', 'tmp', 'root', 'etc', 'opt'])
    mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'etc/passwd'), `${PASSWD.join('\n')}\n`);
  writeFileSync(join(folder, 'etc/group'), `${GROUP.join('\n')}\n`);
  writeFileSync(join(folder, 'etc/machine-id'), `${createHash('md5').update(folder).digest('hex')}\n`);
  mkdirSync(join(folder, 'var/lib/dpkg'), { recursive: true });
  writeFileSync(join(folder, 'var/lib/dpkg/status'), execFileSync('dpkg-query', ['-s', ...packages]));
  if (!existsSync(join(folder, 'usr/bin/awk'))) symlinkSync('mawk', join(folder, 'usr/bin/awk'));
  execFileSync('chroot', [folder, '/bin/sh', '-c', 'ldconfig && pwconv && grpconv'], { stdio: 'pipe' });
}

/** Names of the packages, in no order. */
function closure(more: readonly string[], without: ReadonlySet<string>): string[] {
  const table = execFileSync(
    'dpkg-query',
    [
      '-W',
      '-f',
      '${Package}\\t${binary:Package}\\t${Essential}\\t${Pre-Depends}, ${Depends}\\t${db:Status-Status}\\n',
    ],
    { encoding: 'utf8' },
  );
  const packages = new Map(
    table.split('\n').flatMap((line) => {
      const [name = '', full = '', essential, needs = '', status] = line.split('\t');
      return status === 'installed' ? [[name, { full, essential: essential === 'yes', needs }] as const] : [];
    }),
  );
  const wanted = new Set<string>();
  const add = (name: string): void => {
    const entry = packages.get(name);
    if (!entry || wanted.has(entry.full) || without.has(name)) return;
    wanted.add(entry.full);
    for (const alternative of entry.needs.split(/[,|]/)) add(alternative.trim().replace(/[\s:(].*$/, ''));
  };
  for (const [name, { essential }] of packages) if (essential) add(name);
  for (const name of more) add(name);
  return [...wanted];
}

function filesOf(packages: readonly string[]): string[] {
  const listed = execFileSync('dpkg-query', ['-L', ...packages], { encoding: 'utf8', maxBuffer: 64 << 20 });
  return [...new Set(listed.split('\n'))].filter(
    (file) =>
      file.startsWith('/') &&
      file !== '/.' &&
      !LEFT_OUT.test(file) &&
      lstatSync(file, { throwIfNoEntry: false }),
  );
}

/** Path, kind, mode and content of everything in the tree, apart from what belongs to the running system. */
export function listTree(folder: string): string[] {
  const lines: string[] = [];
  const walk = (path: string) => {
    for (const name of readdirSync(join(folder, path)).toSorted()) {
      const inner = `${path}/${name}`;
      const facts = lstatSync(join(folder, inner));
      const head = `${inner} ${(facts.mode & 0o7777).toString(8)} ${facts.uid}:${facts.gid}`;
      if (facts.isSymbolicLink()) lines.push(`${inner} -> ${readlinkSync(join(folder, inner))}`);
      else if (facts.isDirectory()) {
        lines.push(`${head} folder`);
        if (!/^\/(proc|sys|dev)$/.test(inner)) walk(inner);
      } else if (facts.isFile())
        lines.push(
          `${head} ${createHash('sha256')
            .update(readFileSync(join(folder, inner)))
            .digest('hex')}`,
        );
      else lines.push(`${head} special`);
    }
  };
  walk('');
  return lines;
}

export interface Inside {
  /** Runs a shell script as root inside; standard output and error together. `prefix`: what brings it into another network. */
  run(script: string, prefix?: readonly string[]): Promise<{ status: number; output: string }>;
  /** Ends everything that runs inside. */
  end(): Promise<void>;
}

export const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** A service that crashes is started with growing pauses, which takes most of a minute. */
const RUN_MS_MAX = 120_000;
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];

/** Starts the tree as a system with a name, processes and mounts of its own, and the network of this machine. */
export async function startInside(
  folder: string,
  /** Other than this machine's. */
  hostname?: string,
): Promise<Inside> {
  const script = `
set -e
if [ -n "$2" ]; then hostname "$2"; fi
mount --make-rprivate /
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount -t tmpfs -o mode=755 none dev
for d in ${DEVICES.join(' ')}; do : >dev/$d; mount --bind /dev/$d dev/$d; done
mkdir -p tmp/old
pivot_root . tmp/old
cd /
umount -l /tmp/old
rmdir /tmp/old
echo ready
exec sleep 86400`;
  const child = spawn(
    'unshare',
    ['--pid', '--mount', '--uts', '--fork', '--kill-child', 'sh', '-c', script, 'sh', folder, hostname ?? ''],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  await said(child, 'ready');
  return insideOf(child, ['-p', '-m', '-u']);
}

/**
 * @param child `unshare`, whose only child is the first process inside
 * @param namespaces options of nsenter(1)
 */
export function insideOf(child: ChildProcess, namespaces: readonly string[]): Inside {
  const [init = ''] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ');
  const enter = [
    '-t',
    init,
    ...namespaces,
    '--',
    '/usr/bin/env',
    '-i',
    `PATH=${PATH}`,
    'HOME=/root',
    'LANG=C.UTF-8',
  ];
  return {
    run: (text, prefix = []) => {
      const command = [...prefix, 'nsenter', ...enter, 'sh', '-c', `exec 2>&1\ncd /\n${text}`];
      const [program = '', ...args] = command;
      const running = spawn(program, args, {
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: RUN_MS_MAX,
        killSignal: 'SIGKILL',
      });
      let output = '';
      running.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
      return new Promise((resolve, reject) => {
        running.once('error', reject);
        running.once('exit', () => running.stdout.destroy());
        running.once('close', (code) => resolve({ status: code ?? -1, output }));
      });
    },
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Resolves when it has printed `word`; rejects when it ends before. */
export function said(child: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    const listen = (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes(word)) resolve();
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('exit', () => reject(new Error(`the system inside did not start: ${text}`)));
  });
}
