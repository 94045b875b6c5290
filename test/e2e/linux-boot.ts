/** The small Debian of linux-tree.ts with a real systemd as its first process: boots, runs services, and is switched off. */
import { spawn, spawnSync } from 'node:child_process';
import { basename, dirname } from 'node:path';
import { until } from './harness.ts';
import { type Inside, insideOf, PATH, said, treeObstacle } from './linux-tree.ts';

/** What the tree needs for it, besides what a test wants. */
export const BOOT_PACKAGES = ['systemd', 'systemd-sysv', 'dbus', 'mount', 'procps'];

/** Why no such system can be booted here; null: it can. */
export function bootObstacle(): string | null {
  const obstacle = treeObstacle();
  if (obstacle !== null) return obstacle;
  for (const name of BOOT_PACKAGES)
    if (spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name]).stdout.toString() !== 'installed')
      return `${name} is not installed`;
  const tried = spawnSync('unshare', [
    ...UNSHARED,
    'sh',
    '-ec',
    'mount --make-rprivate /; mount -t cgroup2 cgroup2 /sys; exec unshare --cgroup true',
  ]);
  return tried.status === 0 ? null : 'a system with control groups of its own is not allowed here';
}

export interface Booted extends Inside {
  /** Once it has gone down by itself. */
  readonly isOff: Promise<void>;
}

const UNSHARED = ['--pid', '--mount', '--uts', '--ipc', '--fork', '--kill-child'];
/** Name, major and minor number; systemd makes copies of them for services with PrivateDevices=yes. */
const DEVICES = ['null 1 3', 'zero 1 5', 'full 1 7', 'random 1 8', 'urandom 1 9', 'tty 5 0'];
const BOOT_MS_MAX = 30_000;

/**
 * Has its own processes, mounts, control groups and name, and the network of this machine. The settings of the kernel and what /sys shows
 * are this machine's too, and can only be read.
 */
export async function bootInside(folder: string): Promise<Booted> {
  const group = basename(dirname(folder));
  const script = `
mount --make-rprivate /
mount --bind "$1" "$1"
cd "$1"
mount -t cgroup2 cgroup2 sys
mkdir -p "sys/$2"
echo 0 >"sys/$2/cgroup.procs"
umount sys
exec unshare --cgroup sh -ec '
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
umask 0
${DEVICES.map((device) => device.replace(/(\S+) (.*)/, 'mknod -m 666 dev/$1 c $2')).join('\n')}
umask 022
mkdir dev/pts dev/shm
ln -s /proc/self/fd dev/fd
ln -s pts/ptmx dev/ptmx
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs tmpfs tmp
mkdir tmp/old
pivot_root . tmp/old
cd /
umount -l /tmp/old
rmdir /tmp/old
echo ready
exec env -i PATH=${PATH} container=lxc /lib/systemd/systemd systemd.unit=multi-user.target >/run/console 2>&1 </dev/null'`;
  const child = spawn('unshare', [...UNSHARED, 'sh', '-ec', script, 'sh', folder, group], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const isOff = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await said(child, 'ready');
  const inside = insideOf(child, ['-p', '-m', '-C', '-u', '-i']);
  let state = '';
  await until(
    async () => {
      state = (await inside.run('systemctl is-system-running')).output.trim();
      return state === 'running' || state === 'degraded';
    },
    { withinMs: BOOT_MS_MAX, what: () => `the system is up, which is now ${state}` },
  );
  return {
    ...inside,
    isOff,
    end: async () => {
      await inside.end();
      await removeGroups(folder, group);
    },
  };
}

/** The kernel keeps control groups that are empty, and lets go of what was killed a moment later. */
async function removeGroups(folder: string, group: string): Promise<void> {
  const script =
    'mount --make-rprivate /; mount -t cgroup2 cgroup2 "$1/sys"; [ ! -e "$1/sys/$2" ] || find "$1/sys/$2" -depth -type d -exec rmdir {} +';
  await until(
    () => spawnSync('unshare', ['--mount', 'sh', '-ec', script, 'sh', folder, group]).status === 0,
    { withinMs: 10_000, what: 'nothing runs in its control groups' },
  );
}
