/** Space, inodes and errors of the local file systems. */
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import type { FileSystemFigures, Host } from '../../host.ts';
import type { Collector } from '../collector.ts';
import { percentOf } from '../fields.ts';
import { instanceText } from '../instance.ts';
import { type Mount, parseMountinfo, parseMounts, watchedMounts } from './mounts.ts';

interface MountTable {
  /** The table as read; it is parsed again only when it changed. */
  readonly text: string;
  readonly mounts: readonly WatchedMount[];
}

interface WatchedMount {
  readonly mountPoint: string;
  /** File of sysfs with the errors that the file system met; null where its type keeps no such count. */
  readonly errorsFile: string | null;
}

/**
 * statfs(2) on a dead network mount blocks the whole agent and cannot be given up, on another thread
 * neither (the thread stays lost). So only local file systems are asked at all: see `watchedMounts`.
 */
export const filesystem: Collector<MountTable | null> = {
  name: 'filesystem',
  platforms: ['linux'],
  collect(host, previous) {
    const table = mountTable(host, previous);
    if (table === null) return { samples: [], state: null };
    const samples: Sample[] = [];
    for (const { mountPoint, errorsFile } of table.mounts) {
      const figures = host.fileSystem(mountPoint);
      if (figures !== null) samples.push(...fileSystemSamples(mountPoint, figures));
      const errors = errorsFile === null ? undefined : host.readText(errorsFile)?.trim();
      if (errors !== undefined && /^\d+$/.test(errors))
        samples.push({
          metric: 'filesystem.errors',
          instance: instanceText(mountPoint),
          value: Number(errors),
        });
    }
    return { samples, state: table };
  },
};

/**
 * Process 1 sees the machine's mounts; a sandboxed service sees its own, with half of them read-only.
 * Who may not read the former takes the latter.
 */
function mountTable(host: Host, previous: MountTable | null): MountTable | null {
  const mountinfo = host.readText('/proc/1/mountinfo') || host.readText('/proc/self/mountinfo');
  const text = mountinfo || host.readText('/proc/mounts');
  if (!text) return null;
  if (text === previous?.text) return previous;
  const mounts = mountinfo ? parseMountinfo(text) : parseMounts(text);
  const watched = watchedMounts(mounts).map((mount) => ({
    mountPoint: mount.mountPoint,
    errorsFile: errorsFileOf(host, mount),
  }));
  return { text, mounts: watched };
}

/** ext4 alone counts in sysfs (Documentation/ABI/testing/sysfs-fs-ext4), under the kernel's name of the device. */
function errorsFileOf(host: Host, { type, device }: Mount): string | null {
  if (type !== 'ext4' || device === '') return null;
  const name = host.readLink(`/sys/dev/block/${device}`)?.split('/').at(-1);
  return name === undefined ? null : `/sys/fs/ext4/${name}/errors_count`;
}

/** As df(1) counts: used = total − free; utilisation = used ÷ (used + available to unprivileged users). */
export function fileSystemSamples(mountPoint: string, figures: FileSystemFigures): Sample[] {
  // A pseudo file system that slipped through, or one that is being unmounted.
  if (figures.totalBytes <= 0) return [];
  const instance = instanceText(mountPoint);
  const used = Math.max(0, figures.totalBytes - figures.freeBytes);
  const samples: Sample[] = [
    { metric: 'filesystem.total', instance, value: figures.totalBytes },
    { metric: 'filesystem.used', instance, value: used },
    { metric: 'filesystem.available', instance, value: figures.availableBytes },
    { metric: 'filesystem.utilisation', instance, value: percentOf(used, used + figures.availableBytes) },
  ];
  // btrfs, vfat and others have no fixed number of inodes and say 0.
  if (figures.inodesTotal > 0) {
    const inodesUsed = Math.max(0, figures.inodesTotal - figures.inodesFree);
    samples.push(
      { metric: 'filesystem.inodes.total', instance, value: figures.inodesTotal },
      { metric: 'filesystem.inodes.used', instance, value: inodesUsed },
      {
        metric: 'filesystem.inodes.utilisation',
        instance,
        value: percentOf(inodesUsed, figures.inodesTotal),
      },
    );
  }
  return samples;
}
